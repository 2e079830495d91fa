import type { Command, Option } from 'commander';
import { SEVERITIES } from '../../model/severity.ts';
import { FORMATS } from '../../report/index.ts';
import { ENRICHERS } from '../../updater/enrichers/index.ts';
import { FETCHERS } from '../../updater/fetchers/index.ts';

/** A command as shells need to know it. */
export type CommandNode = {
  /** The words up to it: `clair db export`. */
  readonly path: string;
  readonly name: string;
  readonly description: string;
  readonly options: readonly OptionNode[];
  readonly commands: readonly CommandNode[];
};

export type OptionNode = {
  /** `--format`. */
  readonly long: string;
  readonly description: string;
  readonly takesValue: boolean;
  /** What the value can be, where that is a list; otherwise files are offered. */
  readonly values: readonly string[];
};

/** Reads the tree of commands from the program itself, so that what shells offer is what it takes. */
export function commandTree(command: Command, above = ''): CommandNode {
  const path = above === '' ? command.name() : `${above} ${command.name()}`;
  const help = command.createHelp();
  return {
    path,
    name: command.name(),
    description: command.description(),
    options: help.visibleOptions(command).flatMap((option) => optionNode(option)),
    commands: help
      .visibleCommands(command)
      .filter((each) => each.name() !== 'help')
      .map((each) => commandTree(each, path)),
  };
}

/** All commands of a tree, each behind the one that it belongs to. */
export function allCommands(node: CommandNode): readonly CommandNode[] {
  return [node, ...node.commands.flatMap(allCommands)];
}

/** A text as a word of a POSIX shell, whatever is in it. */
export function shellWord(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

function optionNode({ long, description, required, optional, argChoices }: Option): readonly OptionNode[] {
  if (long === undefined) return [];
  const values = argChoices ?? VALUES.get(long) ?? [];
  return [{ long, description, takesValue: required || optional, values }];
}

/** Of options whose values the program reads by a function of its own. */
const VALUES: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ['--format', FORMATS.map(({ id }) => id)],
  ['--severity', SEVERITIES],
  ['--fail-on', [...SEVERITIES, 'kev']],
  ['--feed', [...FETCHERS, ...ENRICHERS].map(({ id }) => id)],
]);
