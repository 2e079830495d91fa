import { allCommands, type CommandNode, type OptionNode } from './command-tree.ts';

/** Returns the completion script for fish. The script describes commands and options, and otherwise completes files. */
export function fishCompletion(tree: CommandNode): string {
  const commands = allCommands(tree);
  const below = commands.slice(1).map(({ path }) => fishWord(path));
  return `# Completions of ${tree.name} for fish: ${tree.name} completion fish | source
function __${tree.name}_at
    set -l place ${fishWord(tree.name)}
    set -l words (commandline -opc)
    set -e words[1]
    for word in $words
        switch "$place $word"
            case ${below.join(' ')}
                set place "$place $word"
        end
    end
    test "$place" = "$argv[1]"
end
${commands.flatMap((command) => statementsOf(tree.name, command)).join('\n')}
`;
}

function statementsOf(program: string, { path, options, commands }: CommandNode): readonly string[] {
  const at = `complete -c ${program} -n ${fishWord(`__${program}_at ${fishWord(path)}`)}`;
  return [
    ...commands.map(({ name, description }) => `${at} -f -a ${fishWord(name)} -d ${fishWord(description)}`),
    ...options.map(
      (option) => `${at} -l ${option.long.slice(2)}${valuesOf(option)} -d ${fishWord(option.description)}`,
    ),
  ];
}

function valuesOf({ takesValue, values }: OptionNode): string {
  if (!takesValue) return '';
  return values.length === 0 ? ' -r' : ` -x -a ${fishWord(values.join(' '))}`;
}

/** Quotes a text for fish. Within single quotes, only the quote and the backslash are special. */
function fishWord(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
