import { Argument, Command } from 'commander';
import { bashCompletion } from '../completion/bash.ts';
import { type CommandNode, commandTree } from '../completion/command-tree.ts';
import { fishCompletion } from '../completion/fish.ts';
import { zshCompletion } from '../completion/zsh.ts';
import type { Console } from '../console.ts';

const SHELLS: Readonly<Record<'bash' | 'zsh' | 'fish', (tree: CommandNode) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

const HELP = `
Examples:
  source <(clair completion bash)
  clair completion zsh > "\${fpath[1]}/_clair"
  clair completion fish > ~/.config/fish/completions/clair.fish`;

/** `clair completion SHELL`: what a shell needs to complete the commands, options and values of a program. */
export function completionCommand(console: Console, program: Command): Command {
  return new Command('completion')
    .description('Write the completions for a shell.')
    .addArgument(new Argument('<shell>', 'the shell').choices(Object.keys(SHELLS)))
    .addHelpText('after', HELP)
    .action((shell: keyof typeof SHELLS) => console.out(SHELLS[shell](commandTree(program))));
}
