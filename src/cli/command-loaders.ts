import type { Command } from 'commander';
import type { Console } from './console.ts';

/** The input and output of a command, shared by all commands. */
export type CommandContext = {
  readonly console: Console;
  /** Receives the exit status of a command; a command that does not call this function ends with status 0. */
  readonly exit: (status: number) => void;
  readonly program: Command;
};

/**
 * The commands by name, in the groups that the help shows. The code of a command is loaded only when the command is
 * needed, because loading the code of all commands takes longer than printing the version.
 */
export const COMMAND_LOADERS: Readonly<Record<string, Readonly<Record<string, CommandLoader>>>> = {
  'Images:': {
    scan: async ({ console, exit }) => (await import('./commands/scan.ts')).scanCommand(console, exit),
    explain: async ({ console, exit }) => (await import('./commands/explain.ts')).explainCommand(console, exit),
    diff: async ({ console, exit }) => (await import('./commands/diff.ts')).diffCommand(console, exit),
    graph: async ({ console, exit }) => (await import('./commands/graph.ts')).graphCommand(console, exit),
    images: async ({ console }) => (await import('./commands/images.ts')).imagesCommand(console),
    affected: async ({ console }) => (await import('./commands/affected.ts')).affectedCommand(console),
    reindex: async ({ console, exit }) => (await import('./commands/reindex.ts')).reindexCommand(console, exit),
  },
  'Data:': {
    update: async ({ console, exit }) => (await import('./commands/update.ts')).updateCommand(console, exit),
    feeds: async ({ console, exit }) => (await import('./commands/feeds.ts')).feedsCommand(console, exit),
    'file-rules': async ({ console }) => (await import('./commands/file-rules.ts')).fileRulesCommand(console),
    'ignore-rules': async ({ console }) => (await import('./commands/ignore-rules.ts')).ignoreRulesCommand(console),
    db: async ({ console, exit }) => (await import('./commands/db.ts')).dbCommand(console, exit),
  },
  'Server:': {
    serve: async ({ console }) => (await import('./commands/serve.ts')).serveCommand(console),
    submit: async ({ console, exit }) => (await import('./commands/submit.ts')).submitCommand(console, exit),
    report: async ({ console, exit }) => (await import('./commands/report.ts')).reportCommand(console, exit),
    config: async ({ console }) => (await import('./commands/config.ts')).configCommand(console),
    notifications: async ({ console, exit }) =>
      (await import('./commands/notifications.ts')).notificationsCommand(console, exit),
  },
  'Other:': {
    completion: async ({ console, program }) =>
      (await import('./commands/completion.ts')).completionCommand(console, program),
    version: async ({ console }) => (await import('./commands/version.ts')).versionCommand(console),
  },
};

/** Former names of commands, which the help hides. */
export const HIDDEN_LOADERS: Readonly<Record<string, CommandLoader>> = {
  sources: async ({ console, exit }) => (await import('./commands/feeds.ts')).feedsCommand(console, exit, 'sources'),
};

type CommandLoader = (context: CommandContext) => Promise<Command>;
