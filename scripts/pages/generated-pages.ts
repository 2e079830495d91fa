import { apiPages } from './api/api-pages.ts';
import { cliPage } from './cli-page.ts';
import { configurationPage, exampleConfiguration } from './configuration-page.ts';
import { coveragePage } from './coverage-page.ts';
import { diagnosticsPage } from './diagnostics-page.ts';
import { errorsPage } from './errors-page.ts';
import { metricsPage } from './metrics-page.ts';

/** A file that is generated from code. */
export type GeneratedPage = {
  /** The path relative to the root of the repository. */
  readonly path: string;
  readonly text: string;
};

/** Returns all files that are generated from code. Starts servers in memory for the examples of the API. */
export async function generatedPages(): Promise<readonly GeneratedPage[]> {
  return [
    { path: 'config.example.yaml', text: exampleConfiguration() },
    { path: 'docs/reference/cli.md', text: await cliPage() },
    { path: 'docs/reference/configuration.md', text: configurationPage() },
    { path: 'docs/reference/coverage.md', text: coveragePage() },
    { path: 'docs/reference/diagnostics.md', text: diagnosticsPage() },
    { path: 'docs/reference/errors.md', text: errorsPage() },
    { path: 'docs/reference/metrics.md', text: await metricsPage() },
    ...(await apiPages()).map(({ file, text }) => ({ path: `docs/reference/${file}`, text })),
  ];
}
