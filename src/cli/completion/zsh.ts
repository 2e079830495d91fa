import { allCommands, type CommandNode, shellWord } from './command-tree.ts';

/** Returns the completion script for zsh. The script describes commands and options, and otherwise completes files. */
export function zshCompletion(tree: CommandNode): string {
  const commands = allCommands(tree);
  const withValues = commands.flatMap(({ path, options }) =>
    options.filter(({ takesValue }) => takesValue).map((option) => ({ path, ...option })),
  );
  return `#compdef ${tree.name}
# Completions of ${tree.name} for zsh: ${tree.name} completion zsh > _${tree.name}, in a folder of $fpath
_${tree.name}() {
  local place=${shellWord(tree.name)} at
  local -a offered
  for ((at = 2; at < CURRENT; at++)); do
    case "$place $words[at]" in
      (${commands
        .slice(1)
        .map(({ path }) => shellWord(path))
        .join('|')}) place="$place $words[at]" ;;
    esac
  done
  case "$place $words[CURRENT-1]" in
${withValues.map(({ path, long, values }) => `    (${shellWord(`${path} ${long}`)}) ${valuesOf(values)}; return ;;`).join('\n')}
  esac
  case "$place" in
${commands.map((command) => `    (${shellWord(command.path)}) ${wordsOf(command)} ;;`).join('\n')}
  esac
}
if [[ $funcstack[1] == _${tree.name} ]]; then
  _${tree.name} "$@"
elif (( $+functions[compdef] )); then
  compdef _${tree.name} ${tree.name}
fi
`;
}

function wordsOf({ options, commands }: CommandNode): string {
  const described = options.map(({ long, description }) => ({ name: long, description }));
  const others = commands.length === 0 ? '_files' : `offered=(${entries(commands)}); _describe command offered`;
  return `if [[ $PREFIX == -* ]]; then offered=(${entries(described)}); _describe option offered; else ${others}; fi`;
}

function valuesOf(values: readonly string[]): string {
  return values.length === 0 ? '_files' : `compadd -- ${values.map(shellWord).join(' ')}`;
}

/** Returns entries in the syntax of `_describe`: the first colon separates the name and the description. */
function entries(items: readonly { readonly name: string; readonly description: string }[]): string {
  return items.map(({ name, description }) => shellWord(`${name}:${description}`)).join(' ');
}
