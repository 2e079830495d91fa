/** The entry point of the script in the executable, which the launcher starts with its code cache. */
import { runInProcess } from '../cli/process/process-command.ts';

void runInProcess();
