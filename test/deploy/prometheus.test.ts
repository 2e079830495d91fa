import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { installedProgram } from '../fixtures/installed-program.ts';

const promtool = installedProgram('promtool', 'prometheus');

it('raises each alert under its condition, and not earlier', () => {
  expect(promtool('test', 'rules', 'deploy/prometheus/alerts.test.yml')).toMatchObject({
    status: 0,
    said: expect.stringContaining('SUCCESS'),
  });
});

it('accepts the configuration with the alerts beside it, as in the container', () => {
  const folder = mkdtempSync(join(tmpdir(), 'clair-prometheus-'));
  try {
    cpSync('deploy/compose/prometheus.yml', join(folder, 'prometheus.yml'));
    cpSync('deploy/prometheus/alerts.yml', join(folder, 'alerts.yml'));
    expect(promtool('check', 'config', '--lint=all', '--lint-fatal', join(folder, 'prometheus.yml'))).toMatchObject({
      status: 0,
      said: expect.stringMatching(/alerts\.yml\s+SUCCESS: \d+ rules found/),
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
