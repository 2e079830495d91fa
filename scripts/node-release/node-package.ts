import { execFileSync } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { arch, env, platform } from 'node:process';
import { commandOutput } from './command-output.ts';

/** The Node release in the executable and the container image: the newest release of the newest LTS line. */
export const SHIPPED_NODE = '24.21.0';

/**
 * Installs the executable and the headers of a Node release from the npm registry below a folder.
 *
 * @param release such as `24.21.0`
 * @returns the folder that contains `bin/node` and `include/node`
 * @throws Error when npm cannot install the package
 */
export async function installNode(release: string, folder: string): Promise<string> {
  return await installPackage(nodePackage(arch), release, folder, []);
}

/**
 * Installs the headers of a Node release from the npm registry below a folder. Uses the package for x64 on every
 * processor (`--force`), because the registry lacks many releases for other processors and the headers are the same.
 *
 * @returns the folder that contains `include/node`
 * @throws Error when npm cannot install the package
 */
export async function installHeaders(release: string, folder: string): Promise<string> {
  return await installPackage(nodePackage('x64'), release, folder, ['--force']);
}

/** Lists the Node releases on npm for this platform, without pre-releases. @throws Error when npm fails */
export function publishedReleases(): readonly string[] {
  const published: readonly string[] = JSON.parse(
    execFileSync('npm', ['view', nodePackage(arch), 'versions', '--json'], { encoding: 'utf8' }),
  );
  return published.filter((version) => /^\d+\.\d+\.\d+$/.test(version));
}

/** Returns the environment of this process with the `node` of an installed release at the start of the PATH. */
export function environmentOf(home: string): NodeJS.ProcessEnv {
  return { ...env, PATH: `${join(home, 'bin')}${delimiter}${env['PATH']}` };
}

async function installPackage(
  name: string,
  release: string,
  folder: string,
  flags: readonly string[],
): Promise<string> {
  const args = ['install', '--prefix', folder, '--ignore-scripts', ...flags, `${name}@${release}`];
  await commandOutput('npm', args, { env });
  return join(folder, 'node_modules', name);
}

/** Returns the npm package with Node for a processor on this platform; the package `node` installs the same package. */
function nodePackage(processor: string): string {
  return `node-${platform === 'win32' ? 'win' : platform}-${processor}`;
}
