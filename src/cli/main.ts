#!/usr/bin/env node
import { argv, env, exit, stderr, stdout } from 'node:process';
import { wantsColors } from './colors.ts';
import { runCli } from './program.ts';

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());

// A reader that has had enough (`clair scan … | head`) is no failure.
stdout.on('error', (error: NodeJS.ErrnoException) => exit(error.code === 'EPIPE' ? 0 : 1));

process.exitCode = await runCli(argv.slice(2), {
  out: (text) => void stdout.write(text),
  err: (text) => void stderr.write(text),
  ...(stderr.isTTY && { columns: stderr.columns }),
  // When it is asked for: a terminal may be made wider while an image is read.
  get look() {
    return {
      ...(stdout.isTTY && stdout.columns > 0 && { columns: stdout.columns }),
      colors: wantsColors(env, stdout.isTTY),
    };
  },
  signal: stop.signal,
});
