import type { VNode } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { isDigest } from '../../src/model/digest.ts';
import { type ApiClient, createApiClient } from './api-client.ts';
import { ImagesPage } from './image-list/images-page.tsx';
import { ShortcutLayer } from './keyboard/shortcut-layer.tsx';
import { LatePage } from './late-page.tsx';
import { OverviewPage } from './overview-page.tsx';
import { type Place, placeOf, titleOf } from './place.ts';
import { TokenForm } from './token-form.tsx';

const TOKEN = 'clair-token';

/**
 * Shows the web UI: a header, the navigation, and the page that the URL fragment names.
 *
 * @param storage the storage that keeps the bearer token until the tab is closed
 * @param settings the storage that keeps the settings of the reader
 */
export function App({ storage, settings }: { readonly storage: Storage; readonly settings: Storage }): VNode {
  const [isLocked, setLocked] = useState(false);
  const [session, setSession] = useState(0);
  const api = useMemo(
    () => createApiClient({ token: () => storage.getItem(TOKEN), whenLocked: () => setLocked(true) }),
    [storage],
  );
  const place = usePlace();
  const main = useRef<HTMLElement>(null);
  const isFirst = useRef(true);
  const title = titleOf(place);
  useEffect(() => {
    document.title = `${title} – Clair`;
    // Without this change of focus, a screen reader continues at the position of the removed link.
    if (!isFirst.current) main.current?.focus();
    isFirst.current = false;
  }, [title]);

  return (
    <>
      <a class="skip" href="#content" onClick={(event) => focusInstead(event, main.current)}>
        Skip to content
      </a>
      <header class="top">
        <a class="name" href="#/">
          <img src="./icon.svg" alt="" width="28" height="28" /> Clair
        </a>
        <nav aria-label="Main navigation">
          {PARTS.map(({ part, words }) => (
            <a key={part} href={`#/${part}`} aria-current={partOf(place) === part ? 'page' : undefined}>
              {words}
            </a>
          ))}
        </nav>
        <ShortcutLayer api={api} settings={settings} />
      </header>
      <main id="content" ref={main} tabIndex={-1}>
        {isLocked ? (
          <TokenForm
            isRefused={storage.getItem(TOKEN) !== null}
            take={(token) => {
              storage.setItem(TOKEN, token);
              setLocked(false);
              setSession(session + 1);
            }}
          />
        ) : (
          <Content key={session} api={api} place={place} />
        )}
      </main>
    </>
  );
}

const PARTS = [
  { part: '', words: 'Overview' },
  { part: 'images', words: 'Images' },
  { part: 'vulnerabilities', words: 'Vulnerabilities' },
  { part: 'changes', words: 'Changes' },
  { part: 'notifications', words: 'Notifications' },
  { part: 'ignore-rules', words: 'Ignore rules' },
  { part: 'feeds', words: 'Feeds and queue' },
] as const;

function partOf(place: Place): string {
  if (place.page === 'overview') return '';
  if (place.page === 'image' || place.page === 'compare') return 'images';
  return place.page === 'vulnerability' ? 'vulnerabilities' : place.page;
}

/**
 * Shows an error for an invalid digest. The web UI checks the digest, because the error of the server names a parameter
 * of the API.
 */
function NoDigest({ text }: { readonly text: string }): VNode {
  return (
    <>
      <h1>Image</h1>
      <div class="notice incomplete" role="alert">
        <p>
          <b>
            “<bdi>{text.slice(0, MAX_SHOWN)}</bdi>” is not an image digest.
          </b>{' '}
          A digest is <code>sha256:</code> followed by 64 hexadecimal digits, or <code>sha512:</code> followed by 128
          digits. <a href="#/images">Show all images</a>
        </p>
      </div>
    </>
  );
}

/** The maximum number of characters of an address that the page shows. */
const MAX_SHOWN = 100;

function Content({ api, place }: { readonly api: ApiClient; readonly place: Place }): VNode {
  switch (place.page) {
    case 'overview':
      return <OverviewPage api={api} />;
    case 'images':
      return <ImagesPage api={api} query={place.query} submits={place.submits === true} />;
    case 'image':
      if (!isDigest(place.digest)) return <NoDigest text={place.digest} />;
      return (
        <LatePage key="ImagePage" load={async () => await import('./images/image-page.tsx')}>
          {({ ImagePage }) => <ImagePage key={place.digest} api={api} digest={place.digest} query={place.query} />}
        </LatePage>
      );
    case 'vulnerabilities':
      return (
        <LatePage
          key="VulnerabilitiesPage"
          load={async () => await import('./vulnerabilities/vulnerabilities-page.tsx')}
        >
          {({ VulnerabilitiesPage }) => (
            <VulnerabilitiesPage api={api} search={place.search} sort={place.sort} number={place.number} />
          )}
        </LatePage>
      );
    case 'vulnerability':
      return (
        <LatePage key="VulnerabilityPage" load={async () => await import('./vulnerabilities/vulnerability-page.tsx')}>
          {({ VulnerabilityPage }) => (
            <VulnerabilityPage key={place.id} api={api} id={place.id} number={place.number} />
          )}
        </LatePage>
      );
    case 'changes':
      return (
        <LatePage key="ChangesPage" load={async () => await import('./changes/changes-page.tsx')}>
          {({ ChangesPage }) => <ChangesPage api={api} query={place.query} />}
        </LatePage>
      );
    case 'notifications':
      return (
        <LatePage key="NotificationsPage" load={async () => await import('./notifications-page.tsx')}>
          {({ NotificationsPage }) => <NotificationsPage api={api} state={place.state} number={place.number} />}
        </LatePage>
      );
    case 'compare':
      return (
        <LatePage key="ComparisonPage" load={async () => await import('./comparison/comparison-page.tsx')}>
          {({ ComparisonPage }) => <ComparisonPage api={api} before={place.before} after={place.after} />}
        </LatePage>
      );
    case 'ignore-rules':
      return (
        <LatePage key="IgnoreRulesPage" load={async () => await import('./ignore-rules/ignore-rules-page.tsx')}>
          {({ IgnoreRulesPage }) => (
            <IgnoreRulesPage api={api} state={place.state} search={place.search} number={place.number} />
          )}
        </LatePage>
      );
    case 'feeds':
      return (
        <LatePage key="FeedsPage" load={async () => await import('./feeds-page.tsx')}>
          {({ FeedsPage }) => <FeedsPage api={api} />}
        </LatePage>
      );
    case 'nowhere':
      return (
        <>
          <h1>Page not found</h1>
          <p>
            No page has this address. <a href="#/images">Show all images</a>
          </p>
        </>
      );
  }
}

function usePlace(): Place {
  const [hash, setHash] = useState(window.location.hash);
  useEffect(() => {
    const follow = (): void => setHash(window.location.hash);
    window.addEventListener('hashchange', follow);
    return () => window.removeEventListener('hashchange', follow);
  }, []);
  return useMemo(() => placeOf(hash), [hash]);
}

/** Moves the focus instead of following the link, because the URL fragment names a page of the web UI. */
function focusInstead(event: Event, target: HTMLElement | null): void {
  event.preventDefault();
  target?.focus();
}
