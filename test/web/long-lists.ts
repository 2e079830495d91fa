import type { PageAnswers } from './page-server.ts';
import { imagesAnswer } from './page-answers.ts';
import { numberedFinding, reportAnswer } from './page-image-answers.ts';

/** The number of images and findings in long lists. */
export const MANY = 10_000;

/** A jump loads larger pages. */
const PAGE_SIZES = [100, 1000];

const STEP = 100;

/** Returns 10,000 images on pages, whose tokens are the indexes of their first images; also for one filter. */
export function manyImages(): PageAnswers {
  const { images } = (imagesAnswer(MANY)['GET images'] as { readonly body: { readonly images: readonly object[] } })
    .body;
  const filtered = images.filter((_, index) => index % 10 === 0);
  return { ...pagesOf('', images), ...pagesOf('&exploited=true', filtered) };
}

/** Returns the report of an image with 10,000 findings. */
export function manyFindings(): PageAnswers {
  return reportAnswer({ findings: Array.from({ length: MANY }, (_, number) => numberedFinding(number)) });
}

function pagesOf(filter: string, images: readonly object[]): PageAnswers {
  const starts = Array.from({ length: Math.ceil(images.length / STEP) }, (_, number) => number * STEP);
  return Object.fromEntries(
    PAGE_SIZES.flatMap((size) =>
      starts.map((start) => [
        `GET images?limit=${size}${filter}${start === 0 ? '' : `&page=${start}`}`,
        {
          headers: { 'x-total-count': String(images.length) },
          body: {
            images: images.slice(start, start + size),
            nextPage: start + size >= images.length ? null : String(start + size),
            isCurrent: true,
          },
        },
      ]),
    ),
  );
}
