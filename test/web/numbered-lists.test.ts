/** The lists whose address contains the number of the page. */
import { expect, it } from 'vitest';
import { describeInBrowser, PATIENT } from './page-browser.ts';
import { ignoreRulesAnswer, vulnerabilityAnswer } from './page-answers.ts';
import type { PageAnswer, PageAnswers } from './page-server.ts';

const CVE = 'CVE-2024-1086';

type NumberedList = {
  /** The address of the first page. */
  readonly hash: string;
  /** The path and the query of the API without `limit` and `page`. */
  readonly path: string;
  readonly query: string;
  readonly pager: string;
  /** The numbers of entries of a page of the web UI, and of a larger page of the API. */
  readonly sizes: readonly [page: number, passed: number];
  readonly bodyOf: (count: number) => object;
  readonly answers?: PageAnswers;
};

function times<Item>(count: number, item: (index: number) => Item): readonly Item[] {
  return Array.from({ length: count }, (_, index) => item(index));
}

const RULE = {
  id: ['CVE-2024-1'],
  package: null,
  layer: null,
  image: null,
  reason: 'r',
  author: null,
  expires: null,
  createdAt: '2026-01-02T03:00:00.000Z',
  createdBy: null,
  endedAt: null,
  endedBy: null,
  state: 'expired',
};

const NOTIFICATION = {
  kind: 'new',
  feed: 'debian',
  vulnerability: 'CVE-2024-1',
  createdAt: '2026-01-02T03:00:00.000Z',
  notifiedAt: null,
  readAt: null,
  attempts: 0,
  error: null,
  dueAt: null,
  channels: [],
  deliveries: 0,
  totalAttempts: 0,
  lastFailure: null,
};

const CHANGE = {
  feed: 'debian',
  vulnerability: 'CVE-2024-1',
  kind: 'added',
  at: '2026-01-02T00:00:00.000Z',
  isInitial: false,
  before: null,
  after: 'Low',
};

const AFFECTED = { platform: 'linux/amd64', scannedAt: '2026-01-02T00:00:00.000Z', findings: [] };

const LISTS: Readonly<Record<string, NumberedList>> = {
  'ignore rules': {
    hash: '#/ignore-rules?state=expired&search=CVE',
    path: 'ignore-rules',
    query: 'state=expired&search=CVE',
    pager: 'Pages of ignore rules',
    sizes: [50, 100],
    bodyOf: (count) => ({ ignoreRules: times(count, (index) => ({ ...RULE, name: `r${index}` })) }),
    answers: ignoreRulesAnswer(),
  },
  notifications: {
    hash: '#/notifications?state=dead',
    path: 'notifications',
    query: 'state=dead',
    pager: 'Pages of notifications',
    sizes: [50, 100],
    bodyOf: (count) => ({ notifications: times(count, (index) => ({ ...NOTIFICATION, name: `n${index}` })) }),
  },
  vulnerabilities: {
    hash: '#/vulnerabilities?search=CVE&sort=images',
    path: 'vulnerabilities',
    query: 'search=CVE&sort=images',
    pager: 'Pages of vulnerabilities',
    sizes: [50, 100],
    bodyOf: (count) => ({
      vulnerabilities: times(count, (index) => ({
        id: `CVE-2024-${index}`,
        severity: 'Low',
        images: 1,
        feeds: ['debian'],
        description: '',
      })),
      isCurrent: true,
    }),
  },
  'affected images': {
    hash: `#/vulnerabilities/${CVE}`,
    path: `vulnerabilities/${CVE}/images`,
    query: '',
    pager: 'Pages of images',
    sizes: [25, 100],
    bodyOf: (count) => ({
      images: times(count, (index) => ({ ...AFFECTED, digest: `sha256:${index}`, reference: `app:${index}` })),
    }),
    answers: { [`GET vulnerabilities/${CVE}`]: vulnerabilityAnswer(CVE)[`GET vulnerabilities/${CVE}`] ?? 'never' },
  },
  changes: {
    hash: '#/changes?since=2026-01-01&firstImports=true',
    path: 'changes',
    query: 'since=2026-01-01T00:00:00.000Z',
    pager: 'Pages of changes',
    sizes: [100, 100],
    bodyOf: (count) => ({ changes: times(count, () => CHANGE) }),
  },
};

describeInBrowser('a list with numbered pages', ({ open, page, server, violations }) => {
  const each = it.each(Object.entries(LISTS));

  /** Returns a page of the list, whose token is the number of entries before the page. */
  function answerOf(list: NumberedList, start: number, limit: number, total: number): PageAnswers {
    const end = Math.min(start + limit, total);
    const query = [`limit=${limit}`, list.query, start === 0 ? '' : `page=${start}`].filter((part) => part !== '');
    const answer: PageAnswer = {
      body: { ...list.bodyOf(end - start), nextPage: end < total ? String(end) : null },
      headers: { 'x-total-count': String(total) },
    };
    return { [`GET ${list.path}?${query.join('&')}`]: answer };
  }

  const requests = ({ path }: NumberedList): readonly string[] =>
    server()
      .asked.map(({ request }) => request)
      .filter((request) => request.startsWith(`GET ${path}?`));

  each('of %s shows its position, which its address keeps', async (_name, list) => {
    const [size] = list.sizes;
    const total = size + 3;
    const first = `1–${size} of ${total}`;
    const second = `${size + 1}–${total} of ${total}`;
    const pages = { ...answerOf(list, 0, size, total), ...answerOf(list, size, size, total) };
    await open({ ...list.answers, ...pages }, list.hash);
    const pager = page().getByRole('navigation', { name: list.pager });
    await pager.getByText(first, { exact: true }).waitFor();
    expect(await pager.getByRole('button', { name: 'Previous', exact: true }).isDisabled()).toBe(true);
    await pager.getByRole('button', { name: 'Next', exact: true }).click();
    await pager.getByText(second, { exact: true }).waitFor();
    expect(page().url()).toMatch(/[?&]page=2$/);
    expect(await pager.getByRole('button', { name: 'Next', exact: true }).isDisabled()).toBe(true);
    await page().reload();
    await pager.getByText(second, { exact: true }).waitFor();
    await page().goBack();
    await pager.getByText(first, { exact: true }).waitFor();
  });

  each('of %s goes on after page 99, and opens a far page with few requests', async (_name, list) => {
    const [size, passed] = list.sizes;
    const jumps = Math.ceil((100 * size) / passed);
    const number = (passed / size) * jumps;
    const before = (number - 1) * size;
    const total = before + size + 1;
    const steps = times(jumps, (step) => answerOf(list, step * passed, passed, total));
    const rest = answerOf(list, (jumps - 1) * passed, passed - size, total);
    const far = [before, before + size].map((start) => answerOf(list, start, size, total));
    await open(
      Object.assign({}, list.answers, ...steps, rest, ...far),
      `${list.hash}${list.hash.includes('?') ? '&' : '?'}page=${number}`,
    );
    const pager = page().getByRole('navigation', { name: list.pager });
    await pager.getByText(`${before + 1}`.replace(/\B(?=(\d{3})+$)/g, ',')).waitFor(PATIENT);
    expect(requests(list)).toHaveLength(passed > size ? jumps + 1 : number);
    await pager.getByRole('button', { name: 'Next', exact: true }).click();
    const last = total.toLocaleString('en');
    await pager.getByText(`${last}–${last} of ${last}`, { exact: true }).waitFor();
    expect(await pager.getByRole('button', { name: 'Next', exact: true }).isDisabled()).toBe(true);
    expect(page().url()).toMatch(new RegExp(`[?&]page=${number + 1}$`));
    expect(await violations()).toEqual([]);
  });

  each('of %s returns to its first page after an error', async (_name, list) => {
    const [size] = list.sizes;
    const error = { code: 'request/page-invalid', message: 'the page token has expired', remedy: 'Start anew.' };
    const [request = ''] = Object.keys(answerOf(list, size, size, size + 3));
    await open(
      { ...list.answers, ...answerOf(list, 0, size, size + 3), [request]: { status: 400, body: { error } } },
      list.hash,
    );
    const pager = page().getByRole('navigation', { name: list.pager });
    await pager.getByRole('button', { name: 'Next', exact: true }).click();
    await page().getByText('The page token has expired. Start anew.').waitFor();
    await page().getByRole('button', { name: 'Go to the first page', exact: true }).click();
    await pager.getByText(`1–${size} of ${size + 3}`, { exact: true }).waitFor();
    expect(page().url()).not.toContain('page=');
  });
});
