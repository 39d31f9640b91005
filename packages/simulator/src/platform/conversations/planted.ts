import type { PersonalDatum, PersonalForm, PersonalType } from '../../archive/personal-datum.ts';

/** JSON text, with the personal data that stand in it; pointers from its root. */
export interface Written {
  text: string;
  data: readonly PersonalDatum[];
}

/** Collects personal data while the object that holds them is made. */
export class Planted {
  readonly data: PersonalDatum[] = [];

  /** A value that the redaction engine claims to find; returns it as written, so that it is planted where it is used. */
  plant(
    type: PersonalType,
    form: PersonalForm,
    canonical: string,
    written: string,
    pointer: string,
    text: string = written,
  ): string {
    this.data.push({ type, form, claimed: true, canonical, written, places: [{ pointer, text: written }] });
    return text;
  }

  /** A value that it does not claim to find, e.g. a name in a free field. */
  plantUnclaimed(type: PersonalType, form: PersonalForm, value: string, pointer: string): string {
    this.data.push({
      type,
      form,
      claimed: false,
      canonical: value,
      written: value,
      places: [{ pointer, text: value }],
    });
    return value;
  }
}

/** The same data in a text that holds this one below a pointer. */
export function below(pointer: string, data: readonly PersonalDatum[]): PersonalDatum[] {
  return data.map((datum) => ({
    ...datum,
    places: datum.places.map((place) => ({ ...place, pointer: `${pointer}${place.pointer}` })),
  }));
}
