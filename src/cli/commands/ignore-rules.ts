import { userInfo } from 'node:os';
import { env } from 'node:process';
import Table from 'cli-table3';
import { Command, Option } from 'commander';
import { type Clair, composeClair } from '../../compose/clair.ts';
import type { IgnoreRuleStore } from '../../database/contracts/ignore-rules.ts';
import { dayText } from '../../model/time/day.ts';
import {
  IGNORE_RULE_STATES,
  type IgnoreEntry,
  ignoreRuleJson,
  type IgnoreRuleState,
  type StoredIgnoreRule,
} from '../../model/report/ignore-rule.ts';
import { printable } from '../../model/printable.ts';
import { addIgnoreRule, endIgnoreRule } from '../../suppression/stored-rules.ts';
import type { Console } from '../console.ts';
import { addHelp } from '../help.ts';
import { configOption, type DatabaseChoice, databaseOf } from '../options/config-option.ts';
import { databaseOption } from '../options/database-option.ts';
import { nameList } from '../options/list-option.ts';
import { addTableOrJson, type TableOrJson, writeOutput } from '../options/output-options.ts';
import { jsonText } from '../output/json-text.ts';

/** Creates `clair ignore-rules`, which lists, adds and ends the ignore rules of a database. */
export function ignoreRulesCommand(console: Console): Command {
  const command = new Command('ignore-rules').description('List, add or end the ignore rules in the database.');
  return addHelp(command, {
    examples: [
      'clair ignore-rules list',
      "clair ignore-rules add --id CVE-2024-1234 --package openssl --reason 'not reachable' --expires 2026-12-31",
      'clair ignore-rules end 1f6a9c1e-8d3b-4a53-9d7e-0e3a5f2b7c10',
    ],
  })
    .addCommand(listCommand(console))
    .addCommand(addCommand(console))
    .addCommand(endCommand(console));
}

type ListOptions = TableOrJson & { readonly state: IgnoreRuleState } & DatabaseChoice;

function listCommand(console: Console): Command {
  const command = new Command('list')
    .description('List ignore rules, newest first.')
    .addOption(new Option('--state <state>', 'State of the rules').choices(IGNORE_RULE_STATES).default('active'));
  return addHelp(withDatabase(addTableOrJson(command)), {
    examples: ['clair ignore-rules list', 'clair ignore-rules list --state ended --format json'],
  }).action(async (options: ListOptions, self: Command) => {
    await withClair(self, options, async ({ store }) => {
      const today = dayText(store.now());
      const rules = await allRules(store.ignoreRules, options.state, today);
      await writeOutput(console, options, () => [
        options.format === 'json'
          ? jsonText(rules.map((rule) => ignoreRuleJson(rule, today)))
          : tableOf(rules, options.state),
      ]);
    });
  });
}

type AddOptions = {
  readonly id: readonly string[];
  readonly package?: string;
  readonly layer?: string;
  readonly image?: string;
  readonly reason: string;
  readonly author?: string;
  readonly expires?: string;
} & DatabaseChoice;

function addCommand(console: Console): Command {
  const command = new Command('add')
    .description('Add an ignore rule, which suppresses matching findings, and print the name of the rule.')
    .addOption(
      new Option('--id <IDs>', 'IDs of vulnerabilities (list)')
        .argParser(nameList)
        .default([], 'all vulnerabilities of the package'),
    )
    .option('--package <package>', 'Package name, source package name or package URL')
    .option('--image <image>', 'Image digest, or name with an optional tag')
    .option('--layer <layer>', 'Layers: base, own, or the digest of a layer')
    .requiredOption('--reason <text>', 'Reason for accepting the findings')
    .option('--author <text>', 'Name of the person who accepted the findings')
    .option('--expires <date>', 'Last day of the rule (UTC), YYYY-MM-DD');
  return addHelp(withDatabase(command), {
    examples: [
      "clair ignore-rules add --id CVE-2024-1234 --package openssl --reason 'not reachable' --expires 2026-12-31",
      "clair ignore-rules add --package linux-libc-dev --layer base --reason 'headers only'",
    ],
    exitStatus: { 0: 'the rule applies', 2: 'the rule is invalid or exceeds a limit' },
  }).action(async (options: AddOptions, self: Command) => {
    const { id, package: named, layer, image, reason, author, expires } = options;
    const entry: IgnoreEntry = {
      ...(id.length > 0 && { id }),
      ...(named !== undefined && { package: named }),
      ...(layer !== undefined && { layer }),
      ...(image !== undefined && { image }),
      reason,
      ...(author !== undefined && { author }),
      ...(expires !== undefined && { expires }),
    };
    await withClair(self, options, async ({ store }) => {
      const { name } = await addIgnoreRule(store.ignoreRules, { entry, at: store.now(), by: account() });
      console.out(`${name}\n`);
    });
  });
}

function endCommand(console: Console): Command {
  const command = new Command('end')
    .argument('<name>', 'Name of the rule')
    .description('End an ignore rule. The rule stays in the list of ended rules.');
  return addHelp(withDatabase(command), {
    examples: ['clair ignore-rules end 1f6a9c1e-8d3b-4a53-9d7e-0e3a5f2b7c10'],
  }).action(async (name: string, options: DatabaseChoice, self: Command) => {
    await withClair(self, options, async ({ store }) => {
      await endIgnoreRule(store.ignoreRules, name, store.now(), account());
      console.out(`Ended the rule ${printable(name)}.\n`);
    });
  });
}

/**
 * Returns the name of the user account that runs the command; null if the account has no name, as in some containers.
 */
function account(): string | null {
  try {
    return userInfo().username;
  } catch {
    return null;
  }
}

function withDatabase(command: Command): Command {
  return command.addOption(configOption()).addOption(databaseOption());
}

async function withClair(self: Command, options: DatabaseChoice, work: (clair: Clair) => Promise<void>): Promise<void> {
  const clair = await composeClair(await databaseOf(self, options, env));
  try {
    await work(clair);
  } finally {
    await clair.close();
  }
}

const PAGE = 100;

async function allRules(
  ignoreRules: IgnoreRuleStore,
  state: IgnoreRuleState,
  today: string,
): Promise<readonly StoredIgnoreRule[]> {
  const rules: StoredIgnoreRule[] = [];
  for (let before: number | undefined; ; ) {
    const page = await ignoreRules.list({ state, today }, { before, limit: PAGE });
    rules.push(...page);
    before = page.at(-1)?.id;
    if (page.length < PAGE) return rules;
  }
}

function tableOf(rules: readonly StoredIgnoreRule[], state: IgnoreRuleState): string {
  if (rules.length === 0) return `There are no ${state} ignore rules in the database.\n`;
  const table = new Table({
    head: ['Name', 'Vulnerabilities', 'Package', 'Image', 'Layer', 'Until', 'Reason', 'Author'],
    style: { head: [], border: [], compact: true },
  });
  for (const { name, entry } of rules) {
    const { id, package: named = 'all', image = 'all', layer = 'all', expires = '', reason, author = '' } = entry;
    table.push([name, idsText(id), named, image, layer, expires, reason, author].map(printable));
  }
  return `${table.toString()}\n`;
}

function idsText(ids: readonly string[] | undefined): string {
  if (ids === undefined) return 'all';
  return ids.length <= MAX_NAMED
    ? ids.join(', ')
    : `${ids.slice(0, MAX_NAMED).join(', ')} and ${ids.length - MAX_NAMED} more`;
}

/** The maximum number of IDs in a table row. */
const MAX_NAMED = 3;
