import { Random, type Seed } from '../audit/random.ts';
import { type Fault, type FaultInput, type FaultKind, faultSchema } from './fault.ts';
import { type FaultRoute, strikes } from './fault-route.ts';

/** A fault in the plan, with what became of it. */
export interface PlannedFault {
  id: number;
  fault: Fault;
  /** Matching requests since it was added. */
  seen: number;
  /** How often it struck. */
  struck: number;
}

export type FaultOf<Kind extends FaultKind> = Extract<Fault, { kind: Kind }>;

const PURPOSE_FAULT = 7;

/** The faults that are to come. Kept in memory only: a restarted simulator behaves. */
export class FaultPlan {
  readonly #seed: Seed;
  #planned: PlannedFault[] = [];
  #lastId = 0;

  constructor(seed: Seed) {
    this.#seed = seed;
  }

  /**
   * Plans a fault and returns its id.
   * @throws ZodError when it is none
   */
  add(input: FaultInput): number {
    const fault = faultSchema.parse(input);
    this.#lastId += 1;
    this.#planned.push({ id: this.#lastId, fault, seen: 0, struck: 0 });
    return this.#lastId;
  }

  list(): readonly PlannedFault[] {
    return this.#planned;
  }

  /** False where there is no fault of this id. */
  remove(id: number): boolean {
    const before = this.#planned.length;
    this.#planned = this.#planned.filter((planned) => planned.id !== id);
    return this.#planned.length < before;
  }

  clear(): void {
    this.#planned = [];
  }

  /** A request has come; what it can be struck with is asked for by `Strike.take`. */
  begin(route: FaultRoute): Strike {
    const matching = this.#planned.filter(({ fault }) => strikes(fault.match, route));
    for (const planned of matching) planned.seen += 1;
    return new Strike(matching.filter((planned) => this.#isDue(planned)));
  }

  #isDue({ id, fault, seen, struck }: PlannedFault): boolean {
    if (seen <= fault.after || (fault.times !== null && struck >= fault.times)) return false;
    if (fault.probability === 1) return true;
    return new Random(this.#seed, PURPOSE_FAULT + id, seen).word() < fault.probability * 0x1_0000_0000;
  }
}

/** The faults that may strike one request. A fault counts as struck only when it is taken, so none is spent in vain. */
export class Strike {
  /** Kinds that struck, in order. */
  readonly struck: FaultKind[] = [];
  readonly #due: PlannedFault[];

  constructor(due: PlannedFault[]) {
    this.#due = due;
  }

  /** The first due fault of one of these kinds, which strikes now; null where there is none. */
  take<Kind extends FaultKind>(...kinds: Kind[]): FaultOf<Kind> | null {
    return this.#take(({ fault }) => (kinds as FaultKind[]).includes(fault.kind)) as FaultOf<Kind> | null;
  }

  /** As `take`, of the faults that would have an effect here. */
  takeWhere<Kind extends FaultKind>(
    kind: Kind,
    hasEffect: (fault: FaultOf<Kind>) => boolean,
  ): FaultOf<Kind> | null {
    return this.#take(
      ({ fault }) => fault.kind === kind && hasEffect(fault as FaultOf<Kind>),
    ) as FaultOf<Kind> | null;
  }

  #take(fits: (planned: PlannedFault) => boolean): Fault | null {
    const planned = this.#due.find(fits);
    if (planned === undefined) return null;
    // Side by side requests may hold the same fault: the later one finds it spent.
    this.#due.splice(this.#due.indexOf(planned), 1);
    if (planned.fault.times !== null && planned.struck >= planned.fault.times) return this.#take(fits);
    planned.struck += 1;
    this.struck.push(planned.fault.kind);
    return planned.fault;
  }
}
