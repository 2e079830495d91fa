import { shownName } from '../../../../bytes/tar/name.ts';
import type { Detector, FileFacts } from '../../detector.ts';
import { textFault } from '../library-fields.ts';
import { readApplicationFile } from './application-file.ts';

/** Reads the applications of Erlang and Elixir: compiled Hex packages, and the parts of Erlang/OTP. */
export const otpApplications: Detector = {
  id: 'otp-applications',
  kind: 'features',
  version: 1,
  wants: [{ kind: 'suffix', suffix: '.app', parentSuffix: 'ebin' }],
  read: readApplication,
  coverage: {
    use: 'Erlang and Elixir applications, from `ebin/*.app`; matched as the Hex packages with the same names',
    notes: [
      'mix.lock and rebar.lock are not read, because their packages are not necessarily installed. The parts of Erlang/OTP and Elixir are listed, but no feed covers them.',
    ],
  },
};

const NOTHING: FileFacts = { diagnostics: [] };

function readApplication(path: string, bytes: Uint8Array): FileFacts {
  const [directory, file = ''] = path.split('/').slice(-2);
  if (directory !== 'ebin') return NOTHING;
  const { name, version } = readApplicationFile(bytes);
  const fault =
    textFault('name', name) ??
    (`${name}.app` === file ? undefined : `the name ${shownName(name ?? '')}, which differs from the file name`) ??
    textFault('version', version);
  if (name === undefined || version === undefined || fault !== undefined) {
    const message = `${shownName(path)} was skipped: it has ${fault}`;
    return { diagnostics: [{ code: 'library-unreadable', message, where: path }] };
  }
  return { features: [{ feature: { type: 'otp', name, version }, path }], diagnostics: [] };
}
