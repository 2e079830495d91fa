import { Argument, Command } from 'commander';
import { bashCompletion } from '../completion/bash.ts';
import { type CommandNode, commandTree } from '../completion/command-tree.ts';
import { fishCompletion } from '../completion/fish.ts';
import { zshCompletion } from '../completion/zsh.ts';
import type { Console } from '../console.ts';
import { addHelp } from '../help.ts';
import { outputOption, writeOutput } from '../options/output-options.ts';

const SHELLS: Readonly<Record<'bash' | 'zsh' | 'fish', (tree: CommandNode) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

const EXAMPLES: readonly string[] = [
  'source <(clair completion bash)',
  'clair completion zsh > "${fpath[1]}/_clair"',
  'clair completion fish > ~/.config/fish/completions/clair.fish',
];

/** Creates `clair completion SHELL`, which prints the completion script for the commands of a program. */
export function completionCommand(console: Console, program: Command): Command {
  const command = new Command('completion')
    .description('Print the completion script for a shell.')
    .addArgument(new Argument('<shell>', 'Shell').choices(Object.keys(SHELLS)))
    .addOption(outputOption());
  return addHelp(command, { examples: EXAMPLES }).action(
    async (shell: keyof typeof SHELLS, options: { readonly output?: string }) =>
      await writeOutput(console, options, () => [SHELLS[shell](commandTree(program))]),
  );
}
