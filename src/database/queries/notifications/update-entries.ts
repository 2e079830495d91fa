import type { ChangeText, EffectReason } from '../../contracts/update-notifications.ts';
import type { Queries } from '../../engines/engine.ts';
import { createTurns } from '../../../threads/turns.ts';

/**
 * The maximum number of features whose effects are read together, and the intended number of effects per statement.
 * After a statement that returns more effects, the next statement reads fewer features.
 */
const FEATURES_PER_STATEMENT = 200;
const EFFECTS_PER_STATEMENT = 2000;

/** The number of cached effects above which a reader clears its cache before it reads more effects. */
const MAX_KEPT_EFFECTS = 50_000;

/** The number of cached texts above which a reader clears its cache before it reads more texts. */
const MAX_KEPT_TEXTS = 500;
const MANY_EFFECTS = 5000;

/** A row of `update_notification_feature`. */
export type Effect = {
  readonly feature: number;
  readonly reason: EffectReason;
  readonly cpe: string;
  readonly unless: string;
  /** 0 if the row is for the most severe change that affects the feature. */
  readonly slot: number;
  readonly change: number;
  readonly severity: number;
  readonly namespace: string;
  readonly package: string;
  readonly fixed: string;
};

/** The effects of a notification by feature. */
export type Effects = ReadonlyMap<number, readonly Effect[]>;

/** The products of the layers of an image, by depth. */
export type Products = ReadonlyMap<number, ReadonlySet<string>>;

/**
 * Returns the effects on an image, ordered by change and reason. There is one effect per change and reason or, from
 * rows for the most severe change, one effect per reason.
 *
 * @param features the depths of the layers that introduced the installed features, by feature
 */
export async function effectsOnImage(
  effects: Effects,
  features: ReadonlyMap<number, number>,
  products: Products = new Map(),
): Promise<readonly Effect[]> {
  const best = new Map<string, Effect>();
  const turns = createTurns();
  for (const [feature, depth] of features) {
    for (const effect of effects.get(feature) ?? []) {
      if (turns.areDue()) await turns.take();
      if (!applies(effect, products.get(depth))) continue;
      const key = `${effect.slot} ${effect.reason}`;
      const known = best.get(key);
      if (known === undefined || isMoreSevere(effect, known)) best.set(key, effect);
    }
  }
  return [...best.values()].toSorted((one, other) => comparePlaces(one, other));
}

/** Compares effects on the same image by change, then by reason (`added` first). */
export function comparePlaces(
  one: Pick<Effect, 'change' | 'reason'>,
  other: Pick<Effect, 'change' | 'reason'>,
): number {
  return one.change - other.change || (one.reason === other.reason ? 0 : one.reason === 'added' ? -1 : 1);
}

function applies({ cpe, unless }: Effect, products: ReadonlySet<string> = new Set()): boolean {
  if (cpe !== '' && !products.has(cpe)) return false;
  if (unless === '[]') return true;
  const others: readonly string[] = JSON.parse(unless);
  return !others.some((product) => products.has(product));
}

/** Orders equal severities by change and package name, so that every page chooses the same change. */
function isMoreSevere(one: Effect, other: Effect): boolean {
  if (one.severity !== other.severity) return one.severity > other.severity;
  if (one.change !== other.change) return one.change < other.change;
  return one.package < other.package;
}

/** An image with the depths of the layers that introduced its features. */
type ImageFeatures = { readonly id: number; readonly features: ReadonlyMap<number, number> };

/** Reads the parts of entries of a notification, and caches the parts that images share. */
export type UpdateReader = {
  readonly effectsOf: (features: readonly number[]) => Promise<Effects>;
  /** Returns whether the cache contains so many effects that callers must examine one image at a time. */
  readonly hasManyEffects: () => boolean;
  /**
   * Returns the products of the layers of images, by image. Contains only the layers that introduced features whose
   * effects depend on products.
   */
  readonly productsOf: (images: readonly ImageFeatures[], effects: Effects) => Promise<ReadonlyMap<number, Products>>;
  readonly textsOf: (changes: readonly number[]) => Promise<ReadonlyMap<number, ChangeText>>;
};

/** Creates the reader of a notification. @param notification the id of the notification */
export function createUpdateReader(read: Queries, notification: number): UpdateReader {
  const effects = new Map<number, Effect[]>();
  const texts = new Map<number, ChangeText>();
  let kept = 0;
  return {
    hasManyEffects: () => kept > MANY_EFFECTS,
    async effectsOf(features) {
      if (kept > MAX_KEPT_EFFECTS) {
        effects.clear();
        kept = 0;
      }
      const missing = [...new Set(features)].filter((feature) => !effects.has(feature));
      let size = FEATURES_PER_STATEMENT;
      for (let at = 0; at < missing.length; ) {
        const part = missing.slice(at, at + size);
        at += size;
        for (const feature of part) effects.set(feature, []);
        const rows = await read.all<Effect>(SELECT_EFFECTS, [notification, JSON.stringify(part)]);
        for (const effect of rows) effects.get(effect.feature)?.push(effect);
        kept += rows.length;
        const perFeature = Math.max(rows.length / part.length, 1);
        size = Math.max(1, Math.min(FEATURES_PER_STATEMENT, Math.floor(EFFECTS_PER_STATEMENT / perFeature)));
      }
      return effects;
    },
    async productsOf(images, known) {
      const layers = images.flatMap(({ id, features }) => {
        const depths = [...features].flatMap(([feature, depth]) =>
          (known.get(feature) ?? []).some(({ cpe, unless }) => cpe !== '' || unless !== '[]') ? [depth] : [],
        );
        return [...new Set(depths)].map((depth) => [id, depth]);
      });
      const products = new Map<number, Map<number, Set<string>>>();
      if (layers.length === 0) return products;
      for (const { image, depth, cpe } of await read.all<ProductRow>(SELECT_PRODUCTS, [JSON.stringify(layers)])) {
        const ofImage = products.get(image) ?? new Map<number, Set<string>>();
        products.set(image, ofImage.set(depth, (ofImage.get(depth) ?? new Set()).add(cpe)));
      }
      return products;
    },
    async textsOf(changes) {
      if (texts.size > MAX_KEPT_TEXTS) texts.clear();
      const missing = [...new Set(changes)].filter((change) => !texts.has(change));
      if (missing.length > 0) {
        const rows = await read.all<ChangeText>(SELECT_TEXTS, [notification, JSON.stringify(missing)]);
        for (const row of rows) texts.set(row.change, row);
      }
      return texts;
    },
  };
}

type ProductRow = { readonly image: number; readonly depth: number; readonly cpe: string };

/** The common table expression of the wanted keys. Parameters: the notification, and the keys as a JSON list. */
const WANTED = `
wanted (notification, key) AS MATERIALIZED (
  SELECT CAST(? AS BIGINT), CAST(value AS BIGINT) FROM json_each(?)
)`;

const SELECT_EFFECTS = `
WITH ${WANTED}
SELECT effect.feature, effect.reason, effect.cpe, effect.unless, effect.slot, effect.change, effect.severity,
  effect.namespace, effect.package, effect.fixed
FROM wanted CROSS JOIN update_notification_feature AS effect
WHERE effect.notification = wanted.notification AND effect.feature = wanted.key`;

const SELECT_TEXTS = `
WITH ${WANTED}
SELECT text.change, text.name, text.description, text.links
FROM wanted CROSS JOIN update_notification_change AS text
WHERE text.notification = wanted.notification AND text.change = wanted.key`;

/** Parameter: pairs of image and depth as a JSON list. */
const SELECT_PRODUCTS = `
WITH wanted (image, depth) AS MATERIALIZED (
  SELECT CAST(value ->> 0 AS BIGINT), CAST(value ->> 1 AS BIGINT) FROM json_each(?)
)
SELECT DISTINCT wanted.image, wanted.depth, repository_cpe.cpe
FROM wanted
  CROSS JOIN image_chain
  CROSS JOIN layer
  CROSS JOIN json_each(layer.content_sets) AS content_set
  CROSS JOIN repository_cpe
WHERE image_chain.image = wanted.image
  AND layer.id = image_chain.layer
  AND layer.depth = wanted.depth
  AND repository_cpe.repository = content_set.value`;
