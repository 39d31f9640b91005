/** Scripts that complete `trunkline` in a shell. Pure. */
import type { CommandOffers } from './offers.ts';

/** Words of ours need no quoting but this one. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** The steps from one command to the next, as lines of a `case`. */
function steps(places: readonly CommandOffers[], variable: string): string[] {
  return places.flatMap(({ place, leadsTo }) =>
    leadsTo.map(
      (word) => `      ${quoted(`${place} ${word}`)}) ${variable}=${quoted(`${place} ${word}`)} ;;`,
    ),
  );
}

export function bashScript(places: readonly CommandOffers[]): string {
  return `# bash completion of trunkline; load it with: source <(trunkline completion bash)
_trunkline() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} place=trunkline i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$place \${COMP_WORDS[i]}" in
${steps(places, 'place').join('\n')}
    esac
  done
  case "$place $prev" in
${places.flatMap(({ place, values }) => values.map(({ option, words }) => `    ${quoted(`${place} ${option}`)}) COMPREPLY=($(compgen -W ${quoted(words.join(' '))} -- "$cur")); return ;;`)).join('\n')}
  esac
  case "$place" in
${places.map(({ place, offers }) => `    ${quoted(place)}) COMPREPLY=($(compgen -W ${quoted(offers.map(({ word }) => word).join(' '))} -- "$cur")) ;;`).join('\n')}
  esac
}
complete -o default -F _trunkline trunkline
`;
}

export function zshScript(places: readonly CommandOffers[]): string {
  const described = ({ word, meaning }: CommandOffers['offers'][number]): string =>
    quoted(meaning === '' ? word : `${word}:${meaning.replaceAll('\n', ' ')}`);
  return `#compdef trunkline
# zsh completion of trunkline; load it after compinit with: source <(trunkline completion zsh)
# or put it as _trunkline into a folder of fpath.
_trunkline() {
  local place=trunkline i
  local -a offers
  for ((i = 2; i < CURRENT; i++)); do
    case "$place \${words[i]}" in
${steps(places, 'place').join('\n')}
    esac
  done
  case "$place \${words[CURRENT-1]}" in
${places.flatMap(({ place, values }) => values.map(({ option, words }) => `    ${quoted(`${place} ${option}`)}) compadd -- ${words.map(quoted).join(' ')}; return ;;`)).join('\n')}
  esac
  case "$place" in
${places.map(({ place, offers }) => `    ${quoted(place)}) offers=(${offers.map(described).join(' ')}) ;;`).join('\n')}
  esac
  _describe trunkline offers
}
if [ "\${funcstack[1]}" = _trunkline ]; then _trunkline "$@"; else compdef _trunkline trunkline; fi
`;
}
