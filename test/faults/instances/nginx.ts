import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { userInfo } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { bindToThisProcess } from './bound-process.ts';

export type Nginx = { readonly port: number; readonly stop: () => Promise<void> };

/** Starts Debian's nginx in front of local servers, with the lines of `deploy/compose/nginx.conf`. */
export async function startNginx(folder: string, port: number, servers: readonly number[]): Promise<Nginx> {
  mkdirSync(join(folder, 'nginx'), { recursive: true });
  const file = join(folder, 'nginx.conf');
  const log = join(folder, 'nginx.log');
  writeFileSync(file, configOf(folder, port, servers));
  const child = spawn(NGINX, ['-p', folder, '-c', file, '-e', log, '-g', 'daemon off;'], { stdio: 'ignore' });
  bindToThisProcess(child);
  const failed = new Promise<never>((_resolve, reject) => {
    child.once('error', () => reject(new Error(`${NGINX} is missing: apt-get install nginx`)));
    child.once('exit', (status) =>
      reject(new Error(`nginx exited with ${status}: ${readFileSync(log, 'utf8').slice(-2000)}`)),
    );
  });
  // After the start, this promise rejects when `stop` ends nginx.
  failed.catch(() => undefined);
  await Promise.race([untilItListens(port), failed]);
  return {
    port,
    async stop() {
      if (child.exitCode !== null) return;
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
    },
  };
}

/** The path in Debian, whose folder is not in every PATH. */
const NGINX = '/usr/sbin/nginx';

async function untilItListens(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    const listens = await Promise.race([
      once(socket, 'connect').then(
        () => true,
        () => false,
      ),
      setTimeout(1000, false),
    ]);
    socket.destroy();
    if (listens) return;
    await setTimeout(20);
  }
}

/** Returns the configuration of an installation with other paths and with one entry per server. */
function configOf(folder: string, port: number, servers: readonly number[]): string {
  const own = join(folder, 'nginx');
  const changes: readonly (readonly [from: string, to: string])[] = [
    ['worker_processes auto;', `${userInfo().uid === 0 ? 'user root; ' : ''}worker_processes 1;`],
    ['error_log /dev/stderr warn;', ''],
    ['access_log /dev/stdout plain;', 'access_log off;'],
    ['resolver 127.0.0.11 valid=5s ipv6=off;', upstreamOf(servers)],
    ['listen 127.0.0.1:8081;', `listen unix:${join(own, 'health')};`],
    ['listen 8080;', `listen 127.0.0.1:${port};`],
    ['set $instances clair;', ''],
    ['proxy_pass http://$instances:6060;', 'proxy_pass http://clair;'],
  ];
  let text = readFileSync(INSTALLED, 'utf8').replaceAll('/tmp/', () => `${own}/`);
  for (const [from, to] of changes) {
    if (!text.includes(from)) throw new Error(`deploy/compose/nginx.conf no longer has "${from}"`);
    text = text.replace(from, () => to);
  }
  return text;
}

const INSTALLED = new URL('../../../deploy/compose/nginx.conf', import.meta.url);

/**
 * Returns a group of servers without a record of their failures (`max_fails=0`). In compose, nginx resolves a name for
 * each request, and keeps no such record.
 */
function upstreamOf(servers: readonly number[]): string {
  return `upstream clair { ${servers.map((each) => `server 127.0.0.1:${each} max_fails=0;`).join(' ')} }`;
}
