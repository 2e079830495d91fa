#!/usr/bin/env node
import { join } from 'node:path';
import { env } from 'node:process';
import { keepCompiledCode } from './process/compiled-code.ts';
import { runInProcess } from './process/process-command.ts';
import { cacheFolder } from './settings/cache-folder.ts';

keepCompiledCode(join(cacheFolder(env), 'compiled'));
void runInProcess();
