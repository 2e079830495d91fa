import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../../../src/cli/program.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-completion-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SHELLS = ['bash', 'zsh', 'fish'] as const;
const scriptOf = (shell: string): string => join(folder, `clair.${shell}`);

beforeAll(async () => {
  for (const shell of SHELLS) {
    let out = '';
    const signal = new AbortController().signal;
    await runCli(['completion', shell], { out: (text) => (out += text), err: () => undefined, signal });
    writeFileSync(scriptOf(shell), out);
  }
  writeFileSync(join(folder, 'image.tar'), '');
});

/** Returns the completions of a shell for a list of words with an incomplete last word. */
const OFFERS: Readonly<Record<(typeof SHELLS)[number], (words: readonly string[]) => string>> = {
  bash(words) {
    const script = `source ${scriptOf('bash')}
      COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}
      _clair; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return execFileSync('bash', ['--norc', '-c', script], { encoding: 'utf8' });
  },
  zsh(words) {
    // Prints the arguments of zsh's completion functions.
    const script = `compdef() { : }; _files() { print FILES }; compadd() { shift; print -l -- "$@" }
      _describe() { print -l -- \${(P)2%%:*} }
      source ${scriptOf('zsh')}
      words=(${words.map((word) => `'${word}'`).join(' ')}); CURRENT=${words.length}; PREFIX='${words.at(-1)}'
      _clair`;
    return execFileSync('zsh', ['-fc', script], { encoding: 'utf8' });
  },
  fish(words) {
    const script = `source ${scriptOf('fish')}; complete -C '${words.join(' ')}'`;
    const out = execFileSync('fish', ['--no-config', '-c', script], { encoding: 'utf8', cwd: folder });
    return out.replaceAll(/\t.*/g, '');
  },
};

const isThere = (shell: string): boolean => spawnSync(shell, ['-c', ':']).status === 0;

describe.each(SHELLS)('%s', (shell) => {
  if (!isThere(shell)) console.warn(`SKIPPED "${shell}": not installed`);
  const cases: readonly [string, string[], string[], string[]][] = [
    ['commands', ['clair', ''], ['scan', 'explain', 'db', 'completion'], ['export', '--format']],
    ['subcommands', ['clair', 'db', ''], ['export', 'import'], ['scan']],
    ['options of the command', ['clair', 'scan', '--'], ['--format', '--fail-on', '--ignore'], ['--dry-run']],
    ['options of a server command', ['clair', 'submit', '--'], ['--server', '--detach', '--fail-on'], ['--db']],
    ['options after a target', ['clair', 'scan', 'image.tar', '--'], ['--format'], ['--dry-run']],
    ['options of a subcommand', ['clair', 'db', 'vacuum', '--'], ['--dry-run', '--db'], ['--fail-on']],
    ['values', ['clair', 'scan', '--format', ''], ['table', 'sarif', 'openvex'], ['scan']],
    ['other values of another command', ['clair', 'graph', '--format', ''], ['dot', 'svg'], ['sarif']],
    ['arguments of a list', ['clair', 'update', '--feed', ''], ['debian', 'alpine', 'kev'], ['scan']],
  ];

  it.skipIf(!isThere(shell)).each(cases)('offers %s', (_, words, offered, others) => {
    const all = OFFERS[shell](words).split('\n');
    expect(all).toEqual(expect.arrayContaining(offered));
    for (const other of others) expect(all).not.toContain(other);
  });
});
