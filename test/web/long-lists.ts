import type { PageAnswers } from './page-server.ts';
import { imagesAnswer } from './page-answers.ts';
import { numberedFinding, reportAnswer } from './page-image-answers.ts';

/** The number of images and findings in long lists. */
export const MANY = 10_000;

const PER_PAGE = 100;

/** Returns 10,000 images on pages of 100, whose tokens are the numbers of the pages; also for one filter. */
export function manyImages(): PageAnswers {
  const { images } = (imagesAnswer(MANY)['GET images'] as { readonly body: { readonly images: readonly object[] } })
    .body;
  const filtered = images.filter((_, index) => index % 10 === 0);
  return { ...pagesOf('GET images?limit=100', images), ...pagesOf('GET images?limit=100&exploited=true', filtered) };
}

/** Returns the report of an image with 10,000 findings. */
export function manyFindings(): PageAnswers {
  return reportAnswer({ findings: Array.from({ length: MANY }, (_, number) => numberedFinding(number)) });
}

function pagesOf(request: string, images: readonly object[]): PageAnswers {
  const pages = Math.ceil(images.length / PER_PAGE);
  return Object.fromEntries(
    Array.from({ length: pages }, (_, page) => [
      page === 0 ? request : `${request}&page=${page}`,
      {
        headers: { 'x-total-count': String(images.length) },
        body: {
          images: images.slice(page * PER_PAGE, (page + 1) * PER_PAGE),
          nextPage: page === pages - 1 ? null : String(page + 1),
          isCurrent: true,
        },
      },
    ]),
  );
}
