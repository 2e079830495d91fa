import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { MAX_IGNORE_TEXT_LENGTH } from '../../../src/model/report/ignore-rule.ts';
import type { ApiClient } from '../api-client.ts';
import type { IgnoreRule } from '../api-shapes.ts';
import { DateField } from '../fields/date-field.tsx';
import { ErrorWords } from '../parts/loading-view.tsx';

/** The number of days after which a rule expires, unless the reader selects another day. */
const DAYS = 90;

/** The last day that `YYYY-MM-DD` can express. */
const LAST_DAY = '9999-12-31';

const DAY_MS = 86_400_000;

/** The initial values of the fields. */
export type RulePreset = { readonly id: string; readonly package: string; readonly image: string };

/** Shows a form that creates an ignore rule. Empty fields do not restrict the rule. */
export function RuleForm({
  api,
  preset,
  whenDone,
}: {
  readonly api: ApiClient;
  readonly preset: RulePreset;
  /** The form calls this function after the rule is stored. */
  readonly whenDone: (rule: IgnoreRule) => void;
}): VNode {
  const [error, setError] = useState<unknown>();
  const [isSending, setSending] = useState(false);
  const [created, setCreated] = useState(0);
  const submit = async (form: HTMLFormElement): Promise<void> => {
    setSending(true);
    setError(undefined);
    try {
      const rule = await api.create<IgnoreRule>('ignore-rules', ruleOf(new FormData(form)));
      form.reset();
      setCreated((count) => count + 1);
      whenDone(rule);
    } catch (failure) {
      setError(failure);
    }
    setSending(false);
  };
  return (
    <form
      class="rule"
      onSubmit={(event) => {
        event.preventDefault();
        void submit(event.currentTarget);
      }}
    >
      <Field name="reason" words="Reason" required />
      <Field name="id" words="Vulnerabilities" value={preset.id} placeholder="all vulnerabilities" />
      <Field name="package" words="Package" value={preset.package} placeholder="all packages" />
      <Field name="image" words="Image" value={preset.image} placeholder="all images" />
      <label>
        Layers{' '}
        <select name="layer">
          <option value="">all layers</option>
          <option value="base">base image</option>
          <option value="own">own layers</option>
        </select>
      </label>
      <DateField
        words="Until"
        name="expires"
        initial={dayAfter(DAYS)}
        subject={created}
        bounds={{ min: dayAfter(0), max: LAST_DAY }}
        faults={{
          early: 'Enter today or a later date (UTC).',
          late: `Enter a date up to ${LAST_DAY}.`,
        }}
        title="The last day of the rule (UTC). Without a date, the rule does not expire."
      />
      <Field name="author" words="Author" placeholder="jane@example.org" />
      <button type="submit" disabled={isSending}>
        Create rule
      </button>
      <div role="alert">
        {error !== undefined && (
          <p class="notice incomplete">
            <b>Could not create the rule.</b> <ErrorWords error={error} />
          </p>
        )}
      </div>
    </form>
  );
}

function Field({
  name,
  words,
  value = '',
  ...others
}: {
  readonly name: string;
  readonly words: string;
  readonly value?: string;
  readonly placeholder?: string;
  readonly required?: boolean;
}): VNode {
  return (
    <label>
      {words}{' '}
      <input
        {...others}
        name={name}
        defaultValue={value}
        maxLength={MAX_IGNORE_TEXT_LENGTH}
        autocomplete="off"
        spellcheck={false}
      />
    </label>
  );
}

/** Returns the entered rule in the shape that the API accepts. */
function ruleOf(data: FormData): object {
  const ids = textOf(data, 'id')
    .split(/[\s,]+/)
    .filter((id) => id !== '');
  const fields = ['package', 'image', 'layer', 'reason', 'expires', 'author'].map((field) => [
    field,
    textOf(data, field),
  ]);
  return { ...(ids.length > 0 && { id: ids }), ...Object.fromEntries(fields.filter(([, value]) => value !== '')) };
}

function textOf(data: FormData, field: string): string {
  const value = data.get(field);
  return typeof value === 'string' ? value.trim() : '';
}

/** Returns the day in UTC that is `days` days after today, in the form `YYYY-MM-DD`. */
function dayAfter(days: number): string {
  return new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 'YYYY-MM-DD'.length);
}
