import { type Context, createContext, type VNode } from 'preact';
import { useContext } from 'preact/hooks';
import type { ApiClient } from '../api-client.ts';
import type { ServerStatus } from '../api-shapes.ts';
import { useLoaded } from '../loaded.ts';
import { presetImage } from './preset-image.ts';
import { RuleForm } from './rule-form.tsx';

/** The image of the findings, and the function to call when the reader has ignored a finding. */
export const IgnoringImage: Context<Ignoring> = createContext<Ignoring>({
  image: { reference: '', digest: '' },
  whenIgnored: () => undefined,
});

type Ignoring = {
  readonly image: { readonly reference: string; readonly digest: string };
  readonly whenIgnored: (what: string) => void;
};

/** Shows the form for an ignore rule about a finding. If the token grants read-only access, nothing is shown. */
export function IgnoredFinding({
  api,
  id,
  name,
}: {
  readonly api: ApiClient;
  readonly id: string;
  /** The name of the source package or library. */
  readonly name: string;
}): VNode | null {
  const [status] = useLoaded(async (signal) => await api.get<ServerStatus>('status', signal), 'status');
  const { image, whenIgnored } = useContext(IgnoringImage);
  if (status.state !== 'ready' || status.value.access !== 'full') return null;
  return (
    <details>
      <summary>Ignore …</summary>
      <RuleForm
        api={api}
        preset={{ id, package: name, image: presetImage(image) }}
        whenDone={() => whenIgnored(`${id} in ${name}`)}
      />
    </details>
  );
}
