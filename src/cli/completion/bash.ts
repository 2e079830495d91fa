import { allCommands, type CommandNode, shellWord } from './command-tree.ts';

/** Returns the completion script for bash. The script completes options, commands and values, and otherwise files. */
export function bashCompletion(tree: CommandNode): string {
  const commands = allCommands(tree);
  const withValues = commands.flatMap(({ path, options }) =>
    options.filter(({ takesValue }) => takesValue).map((option) => ({ path, ...option })),
  );
  return `# Completions of ${tree.name} for bash: source <(${tree.name} completion bash)
_${tree.name}() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD - 1]}" place=${shellWord(tree.name)} at
  COMPREPLY=()
  for ((at = 1; at < COMP_CWORD; at++)); do
    case "$place \${COMP_WORDS[at]}" in
      ${commands
        .slice(1)
        .map(({ path }) => shellWord(path))
        .join(' | ')}) place="$place \${COMP_WORDS[at]}" ;;
    esac
  done
  case "$place $previous" in
${withValues.map(({ path, long, values }) => `    ${shellWord(`${path} ${long}`)}) ${offered(values)} return ;;`).join('\n')}
  esac
  case "$place" in
${commands.map((command) => `    ${shellWord(command.path)}) ${wordsOf(command)} ;;`).join('\n')}
  esac
}
complete -o default -F _${tree.name} ${tree.name}
`;
}

function wordsOf({ options, commands }: CommandNode): string {
  const longs = options.map(({ long }) => long);
  const names = commands.map(({ name }) => name);
  return `if [[ $current == -* ]]; then ${offered(longs)} ${names.length === 0 ? '' : `else ${offered(names)} `}fi`;
}

/** Returns the code that offers words. Without words, bash completes file names. */
function offered(words: readonly string[]): string {
  return words.length === 0 ? ':;' : `COMPREPLY=($(compgen -W ${shellWord(words.join(' '))} -- "$current"));`;
}
