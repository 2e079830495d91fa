import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';
import { afterAll, expect, it } from 'vitest';

const integrations = join(import.meta.dirname, '../../integrations');
const folder = mkdtempSync(join(tmpdir(), 'clair-commands-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Replaces Clair: prints text that GitHub would read as a command. */
const program = join(folder, 'clair');
writeFileSync(program, '#!/bin/sh\necho "::error::forged"\necho "::warning::forged" >&2\nexit 3\n');
chmodSync(program, 0o755);

it.each(['scan.sh', 'update.sh'])('no line between the tokens of %s is a workflow command', (script) => {
  const tokens = [1, 2].map(() => {
    const output = run(script);
    const [, token] = /^::stop-commands::([0-9a-f]{32})\n/.exec(output) ?? [];
    // GitHub ignores commands until the token (docs.github.com, "Workflow commands", "Stopping and starting").
    const [, stopped = '', rest] = output.split(new RegExp(`::stop-commands::${token}\n|::${token}::\n`));
    expect(stopped).toContain('::error::forged\n');
    expect(stopped).toContain('::warning::forged\n');
    expect(rest).toBe('');
    return token;
  });
  expect(tokens[0]).not.toBe(tokens[1]);
});

/** Runs a script, and returns the output of both streams in the order in which a runner receives the output. */
function run(script: string): string {
  const variables = {
    PATH: env['PATH'],
    GITHUB_ACTION_PATH: join(integrations, 'github'),
    GITHUB_OUTPUT: join(folder, 'output'),
    GITHUB_STEP_SUMMARY: join(folder, 'summary'),
    CLAIR_PROGRAM: program,
    CLAIR_TARGET: 'image.tar',
    CLAIR_REPORTS: join(folder, 'reports'),
    CLAIR_DATA: 'data',
  };
  const command = `sh "${join(integrations, 'github', script)}" 2>&1 || true`;
  return execFileSync('sh', ['-c', command], { env: variables, encoding: 'utf8' });
}
