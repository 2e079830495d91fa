import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { userInfo } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { bindToThisProcess } from './bound-process.ts';

export type Nginx = { readonly port: number; readonly stop: () => Promise<void> };

/** Starts Debian's nginx in front of servers of this machine, as docs/operating.md, "Many instances", has it. */
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
      reject(new Error(`nginx ended with ${status}: ${readFileSync(log, 'utf8').slice(-2000)}`)),
    );
  });
  // Later it is told to end.
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

/** Where Debian has it, which is not on the path of everybody. */
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

function configOf(folder: string, port: number, servers: readonly number[]): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${join(folder, 'nginx', name)};`,
  );
  return `
${userInfo().uid === 0 ? 'user root;' : ''}
worker_processes 1;
pid ${join(folder, 'nginx', 'pid')};
events {}
http {
  access_log off;
  ${temporary.join('\n  ')}
  upstream clair {
    least_conn;
    ${servers.map((each) => `server 127.0.0.1:${each} max_fails=0;`).join('\n    ')}
    keepalive 32;
    keepalive_timeout 30s;
  }
  server {
    listen 127.0.0.1:${port};
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_connect_timeout 2s;
    proxy_read_timeout 900s;
    proxy_next_upstream error timeout http_503;
    proxy_next_upstream_tries 3;
    location / {
      proxy_pass http://clair;
    }
    location = /v1/layers {
      proxy_pass http://clair;
      proxy_next_upstream error timeout http_503 non_idempotent;
    }
  }
}
`;
}
