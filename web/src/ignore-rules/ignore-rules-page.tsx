import type { VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { IGNORE_RULE_STATES, type IgnoreRuleState } from '../../../src/model/report/ignore-rule.ts';
import type { ApiClient } from '../api-client.ts';
import type { IgnoreRule, IgnoreRuleList, ServerStatus } from '../api-shapes.ts';
import { useLoaded } from '../loaded.ts';
import { ErrorWords, LoadingView } from '../parts/loading-view.tsx';
import { SearchForm } from '../parts/search-form.tsx';
import { MAX_PAGE_SIZE, useNumberedPage } from '../paging/numbered-pages.ts';
import { withPage } from '../paging/page-query.ts';
import { RangePager, toFirstPage, totalWords } from '../paging/range-pager.tsx';
import { ignoreRulesAddress } from '../place.ts';
import { RuleForm } from './rule-form.tsx';
import { namesInRule, RulesTable } from './rules-table.tsx';

const RULES_PER_PAGE = 50;

const STATE_WORDS: Readonly<Record<IgnoreRuleState, { readonly link: string; readonly none: string }>> = {
  active: { link: 'Active', none: 'No active rules.' },
  expired: { link: 'Expired', none: 'No expired rules.' },
  ended: { link: 'Ended', none: 'No ended rules.' },
};

const NO_PRESET = { id: '', package: '', image: '' };

/** Shows the ignore rules of the database. With full access, the reader can create and end rules. */
export function IgnoreRulesPage({
  api,
  state,
  search,
  number,
}: {
  readonly api: ApiClient;
  readonly state: IgnoreRuleState;
  readonly search: string;
  /** The number of the page of rules, from 1. */
  readonly number: number;
}): VNode {
  const query = { state, ...(search !== '' && { search }) };
  const [loaded, reload] = useNumberedPage({
    list: withPage(query, undefined),
    number,
    load: async (token, limit, signal) =>
      await api.page<IgnoreRuleList>(`ignore-rules?${withPage({ limit: `${limit}`, ...query }, token)}`, signal),
    sizeOf: ({ ignoreRules }) => ignoreRules.length,
    pageSize: RULES_PER_PAGE,
    passedSize: MAX_PAGE_SIZE,
  });
  const addressOf = (page: number): string => ignoreRulesAddress({ state, search, number: page });
  const [status] = useLoaded(async (signal) => await api.get<ServerStatus>('status', signal), 'status');
  const [outcome, setOutcome] = useState<VNode>();
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // The button that had the focus no longer exists.
    if (outcome !== undefined) place.current?.focus();
  }, [outcome]);
  const mayWrite = status.state === 'ready' && status.value.access === 'full';
  const end = async (rule: IgnoreRule): Promise<void> => {
    const what = namesInRule(rule);
    try {
      await api.remove(`ignore-rules/${encodeURIComponent(rule.name)}`);
      setOutcome(
        <p class="notice">Ended the rule for {what}. New reports contain the findings that the rule suppressed.</p>,
      );
      reload();
    } catch (error) {
      setOutcome(
        <p class="notice incomplete">
          <b>Could not end the rule for {what}.</b> <ErrorWords error={error} />
        </p>,
      );
    }
  };
  return (
    <>
      <h1>Ignore rules</h1>
      <p>
        Ignore rules suppress the matching findings in all reports. The rules in the files that{' '}
        <code>suppression.files</code> lists also apply, but are not shown here.
      </p>
      {mayWrite && (
        <details>
          <summary>New rule</summary>
          <RuleForm
            api={api}
            preset={NO_PRESET}
            whenDone={(rule) => {
              setOutcome(<p class="notice">Created the rule for {namesInRule(rule)}.</p>);
              reload();
            }}
          />
        </details>
      )}
      <nav class="choice" aria-label="State of the rules">
        {IGNORE_RULE_STATES.map((each) => (
          <a
            key={each}
            href={ignoreRulesAddress({ state: each, search })}
            aria-current={each === state ? 'page' : undefined}
          >
            {STATE_WORDS[each].link}
          </a>
        ))}
      </nav>
      <SearchForm
        label="Rules with"
        placeholder="CVE-2024-1234"
        asked={search}
        search={(text) => {
          window.location.hash = ignoreRulesAddress({ state, search: text });
        }}
      />
      <div role="status" tabIndex={-1} ref={place}>
        {outcome}
      </div>
      <LoadingView loaded={loaded} what="the ignore rules" reload={reload} toFirst={toFirstPage(number, addressOf)}>
        {(of) => (
          <>
            {of.size === 0 ? (
              <p class="empty">{search === '' ? STATE_WORDS[state].none : `No ${state} rule matches “${search}”.`}</p>
            ) : (
              <>
                <p class="list-words" role="status">
                  {totalWords(of, 'rule')}.
                </p>
                <RulesTable
                  rules={of.page.ignoreRules}
                  end={mayWrite && state !== 'ended' ? (rule) => void end(rule) : undefined}
                />
              </>
            )}
            <RangePager of={of} label="Pages of ignore rules" addressOf={addressOf} />
          </>
        )}
      </LoadingView>
    </>
  );
}
