/** What may be typed at each place of the command line, from commander's own tree. Pure. */
import type { Command } from 'commander';

interface Offer {
  readonly word: string;
  readonly meaning: string;
}

/** A command, by the words that lead to it. */
export interface CommandOffers {
  /** `trunkline archive get`. */
  readonly place: string;
  /** Its subcommands, the values of its argument where they are known, and its options. */
  readonly offers: readonly Offer[];
  /** Options whose values are known. */
  readonly values: readonly { readonly option: string; readonly words: readonly string[] }[];
  /** Words that lead on from here. */
  readonly leadsTo: readonly string[];
}

export function offersOf(command: Command, above = ''): CommandOffers[] {
  const place = above === '' ? command.name() : `${above} ${command.name()}`;
  const { commands, options, registeredArguments } = command;
  const own: CommandOffers = {
    place,
    offers: [
      ...commands.map((sub) => ({ word: sub.name(), meaning: sub.description() })),
      ...registeredArguments.flatMap(({ argChoices }) =>
        (argChoices ?? []).map((word) => ({ word, meaning: '' })),
      ),
      ...options.map(({ long, short, description }) => ({ word: long ?? short ?? '', meaning: description })),
      { word: '--help', meaning: 'tell how it is used' },
    ],
    values: options.flatMap(({ long, argChoices }) =>
      argChoices === undefined || long == null ? [] : [{ option: long, words: argChoices }],
    ),
    leadsTo: commands.map((sub) => sub.name()),
  };
  return [own, ...commands.flatMap((sub) => offersOf(sub, place))];
}
