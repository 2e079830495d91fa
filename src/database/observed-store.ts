import type { DatabaseObserver } from './engines/database-observer.ts';
import type { Store } from './contracts/store.ts';

/**
 * Returns a store that reports the duration of each call to an observer, under the name in the contract, such as
 * `layers.find`. Durations include the wait for connections and other transactions.
 *
 * @param now returns milliseconds
 */
export function observedStore(store: Store, observer: Pick<DatabaseObserver, 'asked'>, now: () => number): Store {
  const groups = new Map<unknown, object>();
  const tell = (query: string, start: number): void => observer.asked({ query, milliseconds: now() - start });

  const observed = <Group extends object>(group: Group, prefix: string): Group =>
    new Proxy(group, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name);
        if (typeof name === 'symbol' || name === 'close') return member;
        if (typeof member === 'function') {
          return (...values: readonly unknown[]): unknown =>
            timed(`${prefix}${name}`, () => Reflect.apply(member, target, values));
        }
        if (typeof member !== 'object' || member === null) return member;
        const known = groups.get(member) ?? observed(member, `${name}.`);
        groups.set(member, known);
        return known;
      },
    });

  /** Does not observe iterables, because their duration depends on the reader. */
  const timed = (query: string, ask: () => unknown): unknown => {
    const start = now();
    const answer = ask();
    if (!(answer instanceof Promise)) return answer;
    return answer.finally(() => tell(query, start));
  };

  return observed(store, '');
}
