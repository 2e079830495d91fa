import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import type { Reporter, TestModule } from 'vitest/node';
import type { Failure, FileResults, TestResults } from './results.ts';

/**
 * Returns a vitest reporter that writes the results of a run to the file `path`, as JSON of {@link TestResults}. The
 * JSON of vitest's own reporter lacks errors outside of tests.
 *
 * @param root the folder to which the paths of the test files are relative
 */
export function resultsReporter(path: string, root: string): Reporter {
  return {
    onTestRunEnd(modules, unhandled) {
      const files = modules.map((module) => resultsOf(module, relative(root, module.moduleId)));
      const results: TestResults = { files, unhandled: unhandled.map(({ message }) => message) };
      writeFileSync(path, JSON.stringify(results));
    },
  };
}

function resultsOf(module: TestModule, path: string): FileResults {
  const failures: Failure[] = [];
  for (const test of module.children.allTests('failed')) {
    const text = (test.result().errors ?? []).map(textOf).join('\n');
    failures.push({ name: test.fullName, text });
  }
  for (const part of [module, ...module.children.allSuites()]) {
    for (const error of part.errors()) {
      failures.push({ name: part.type === 'suite' ? part.fullName : path, text: textOf(error) });
    }
  }
  return { path, passed: [...module.children.allTests('passed')].length, failures };
}

/** Returns the stack of an error, after the message if the stack lacks the message, as the stack of a timeout does. */
function textOf({ message, stack }: { readonly message: string; readonly stack?: string | undefined }): string {
  if (stack === undefined) return message;
  const [head = ''] = stack.split('\n    at ', 1);
  return head.endsWith(message) ? stack : `${message}\n${stack}`;
}
