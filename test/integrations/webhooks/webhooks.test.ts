import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type ClairServer, startClairServer } from '../../../src/api/testing/clair-server.ts';
import { type RegistryServer, startRegistryServer } from '../../../src/worker/testing/registry-server.ts';
import { buildDemoLayers } from '../../fixtures/demo-image.ts';
import { PUSH_DEVIATIONS } from './push-deviations.ts';
import { type Ask, type HookAnswer, replayPush, type Stage } from './push-replay.ts';
import { deliver, type PushedImage, SECRET, SENDERS, signed, type WebhookRequest } from './senders.ts';

type Received = {
  readonly submitted: readonly { readonly image: string; readonly submission: string }[];
  readonly ignored: readonly { readonly image: string; readonly reason: string }[];
};

let server: ClairServer;
let registry: RegistryServer;
let pushed: number;
let layers: Awaited<ReturnType<typeof buildDemoLayers>>;
beforeAll(async () => {
  registry = await startRegistryServer();
  layers = await buildDemoLayers();
  pushed = 0;
  server = await startClairServer(['127.0.0.1'], {
    webhooks: {
      registries: [registry.domain, 'private.test:5000'],
      distribution: SECRET,
      harbor: SECRET,
      quay: SECRET,
      github: SECRET,
      gitlab: SECRET,
      dockerhub: SECRET,
      artifactory: SECRET,
    },
  });
});
afterAll(async () => {
  await server.close();
  await registry.close();
});

/** The test machine also runs other work, so these senders wait longer than a registry. */
const BUSY_MS = 20_000;

/** Pushes an image with a unique tag. */
function push(): PushedImage {
  const tag = `v${(pushed += 1)}`;
  const { digest } = registry.image(layers.slice(0, 2), { tag });
  return { host: registry.domain, repository: 'library/demo', tag, digest };
}

async function received(request: WebhookRequest): Promise<Received> {
  return (await deliver(fetch, server.url, request, BUSY_MS)) as Received;
}

async function finished(id: string): Promise<{ readonly state: string; readonly images: readonly string[] }> {
  return await vi.waitFor(
    async () => {
      const { body } = await server.get<{ state: string; images: string[]; finishedAt: string | null }>(
        `/v2/submissions/${id}`,
      );
      if (body.finishedAt === null) throw new Error('not finished');
      return body;
    },
    { timeout: 30_000, interval: 50 },
  );
}

/** Replaces the member at a path of a JSON document; `undefined` removes it. */
function changed(value: unknown, path: readonly (string | number)[], member: unknown): unknown {
  const [first, ...rest] = path;
  if (first === undefined) return member;
  const copy: unknown = structuredClone(value);
  (copy as Record<string | number, unknown>)[first] = changed(
    (copy as Record<string | number, unknown>)[first],
    rest,
    member,
  );
  return copy;
}

describe.each(Object.entries(SENDERS))('a push to %s', (_, { kind, request }) => {
  it('leads to an indexed image, once for a repeated webhook', async () => {
    const image = push();
    const [first, again] = await Promise.all([received(request(image)), received(request(image))]);
    expect(first.ignored).toEqual([]);
    expect(first.submitted.map((each) => each.image)).toEqual([`${registry.domain}/library/demo:${image.tag}`]);
    const id = first.submitted[0]!.submission;
    // Quay names no digest, so a submission that has started does not cover a push.
    expect(kind === 'quay' || again.submitted[0]?.submission === id).toBe(true);
    expect(await finished(id)).toMatchObject({ state: 'done', images: [image.digest] });
    const { status } = await server.get(`/v2/images/${image.digest}`);
    expect(status).toBe(200);
  });

  it.each([
    [
      'without a secret',
      { authorization: '', 'x-gitlab-token': '', 'x-hub-signature-256': '', 'x-jfrog-event-auth': '' },
    ],
    [
      'with another secret',
      {
        authorization: `Bearer ${SECRET}x`,
        'x-gitlab-token': `${SECRET}x`,
        'x-hub-signature-256': `sha256=${'0'.repeat(64)}`,
        'x-jfrog-event-auth': '0'.repeat(64),
      },
    ],
    [
      'with a part of the secret',
      {
        authorization: SECRET.slice(0, -1),
        'x-gitlab-token': SECRET.slice(1),
        'x-hub-signature-256': 'sha256=',
        'x-jfrog-event-auth': SECRET.slice(1),
      },
    ],
  ])('is rejected %s', async (_case, headers) => {
    const sent = request(push());
    await expect(received({ ...sent, headers: { ...sent.headers, ...headers } })).rejects.toThrow(
      /^401 .*webhook\/unauthenticated/,
    );
  });

  it('is rejected with a body that is not JSON', async () => {
    const sent = request(push());
    const body = '{"a": ';
    const headers = { ...sent.headers, 'x-hub-signature-256': signed(body) };
    await expect(received({ ...sent, headers, body })).rejects.toThrow(/^400 .*request\/not-json/);
  });

  it.each([[], null, 7, 'text', {}, { events: [null, { action: 7 }], event_data: [], updated_tags: {}, package: [] }])(
    'is ignored if it is %j',
    async (body) => {
      const sent = request(push());
      const text = JSON.stringify(body);
      const headers = { ...sent.headers, 'x-hub-signature-256': signed(text) };
      expect(await received({ ...sent, headers, body: text })).toEqual({ submitted: [], ignored: [] });
    },
  );

  it.each([
    ['another registry', { host: 'other.test' }, /^the registry other\.test is not in webhooks\.registries$/],
    ['a registry at a private address', { host: '169.254.169.254' }, /^the registry 169\.254\.169\.254 is not in/],
    ['a name that is not an image', { repository: 'library/../../x' }, /^the name or the tag of the image is invalid$/],
  ])('is ignored with a reason for %s', async (_case, parts, reason) => {
    const { submitted, ignored } = await received(request({ ...push(), ...parts }));
    expect(submitted).toEqual([]);
    expect(ignored.map((each) => each.reason)).toEqual([expect.stringMatching(reason)]);
  });

  it.each(['sha256-'.padEnd(71, 'a'), `${'sha256-'.padEnd(71, 'a')}.sig`, `${'sha256-'.padEnd(71, 'b')}.att`, ''])(
    'is ignored for the tag %j of an attachment, and without a tag',
    async (tag) => {
      expect(await received(request({ ...push(), tag }))).toEqual({ submitted: [], ignored: [] });
    },
  );
});

describe('an event that is not a push of an image', () => {
  it.each<[string, string, readonly (string | number)[], unknown]>([
    ['a pull', 'distribution', ['events', 0, 'action'], 'pull'],
    ['a mount', 'distribution', ['events', 0, 'action'], 'mount'],
    ['a deletion', 'distribution', ['events', 0, 'action'], 'delete'],
    ['a layer', 'distribution', ['events', 0, 'target', 'mediaType'], 'application/vnd.oci.image.layer.v1.tar+gzip'],
    ['a blob without a type', 'distribution', ['events', 0, 'target', 'mediaType'], 'application/octet-stream'],
    ['a missing target', 'distribution', ['events', 0, 'target'], undefined],
    ['a pull', 'gitlab', ['events', 0, 'action'], 'pull'],
    ['a finished scan', 'harbor', ['type'], 'SCANNING_COMPLETED'],
    ['a deletion', 'harbor', ['type'], 'DELETE_ARTIFACT'],
    ['a missing resource', 'harbor', ['event_data', 'resources'], []],
    ['a finished scan', 'harbor, as CloudEvents', ['type'], 'harbor.scan.completed'],
    ['another version of the event', 'harbor, as CloudEvents', ['specversion'], undefined],
    ['no tag', 'quay', ['updated_tags'], []],
    ['a build', 'quay', ['updated_tags'], undefined],
    ['a deletion', 'artifactory', ['event_type'], 'deleted'],
    ['another kind of artifact', 'artifactory', ['domain'], 'artifact'],
    ['a missing origin', 'artifactory', ['jpd_origin'], undefined],
    ['another action', 'github, event package', ['action'], 'deleted'],
    ['an npm package', 'github, event package', ['package', 'package_type'], 'npm'],
    ['a missing version', 'github, event registry_package', ['registry_package', 'package_version'], null],
  ])('is accepted and ignored: %s of %s', async (_case, name, path, member) => {
    const sent = SENDERS[name]!.request(push());
    const body = changed(sent.body, path, member);
    const headers = { ...sent.headers, 'x-hub-signature-256': signed(body) };
    expect(await received({ ...sent, headers, body })).toEqual({ submitted: [], ignored: [] });
  });

  it.each(['ping', 'push', ''])('of GitHub is %j', async (event) => {
    const sent = SENDERS['github, event package']!.request(push());
    expect(await received({ ...sent, headers: { ...sent.headers, 'x-github-event': event } })).toEqual({
      submitted: [],
      ignored: [],
    });
  });
});

describe('the webhook of Artifactory', () => {
  it('may be signed instead of containing the secret', async () => {
    const sent = SENDERS['artifactory']!.request(push());
    const signature = signed(sent.body).replace('sha256=', '');
    const { submitted } = await received({ ...sent, headers: { ...sent.headers, 'x-jfrog-event-auth': signature } });
    expect(submitted).toHaveLength(1);
  });
});

describe('the webhook of Docker Hub', () => {
  const body = { push_data: { tag: '1' }, repository: { repo_name: 'owner/app' } };
  const sentTo = async (query: string): Promise<Received> =>
    await received({ path: `/webhooks/dockerhub${query}`, headers: { 'content-type': 'application/json' }, body });

  it('has the secret in its URL', async () => {
    const { ignored } = await sentTo(`?secret=${SECRET}`);
    expect(ignored).toEqual([
      { image: expect.stringContaining('owner/app:1'), reason: 'the registry docker.io is not in webhooks.registries' },
    ]);
  });

  it.each(['', '?secret=', `?secret=${SECRET}x`, `?secret=${SECRET.slice(1)}`, `?other=${SECRET}`])(
    'is rejected with the query "%s"',
    async (query) => await expect(sentTo(query)).rejects.toThrow(/^40[01] /),
  );

  it('shows no secret to other kinds', async () => {
    const sent = SENDERS['harbor']!.request(push());
    const request = { ...sent, path: `${sent.path}?secret=${SECRET}`, headers: { 'content-type': 'application/json' } };
    await expect(received(request)).rejects.toThrow(/^401 /);
  });
});

describe('the webhooks', () => {
  it('are off without a secret, and exist for known registries alone', async () => {
    const other = await startClairServer([], { webhooks: { registries: [], harbor: SECRET } });
    try {
      const kinds = new Map(Object.values(SENDERS).map(({ kind, request }) => [kind, request]));
      for (const [kind, request] of kinds) {
        const sent = deliver(fetch, other.url, request(push()), BUSY_MS);
        const told = await sent.then(
          () => 'accepted',
          (error: unknown) => /404 .*(webhook\/off)/.exec(String(error))?.[1],
        );
        expect([kind, told]).toEqual([kind, kind === 'harbor' ? 'accepted' : 'webhook/off']);
      }
    } finally {
      await other.close();
    }
    const { status } = await server.send('POST', '/webhooks/docker', { body: {} });
    expect(status).toBe(400);
  });

  it('submit a tag that moved within a minute again', async () => {
    const image = push();
    const { request } = SENDERS['harbor']!;
    const { submitted: before } = await received(request(image));
    await finished(before[0]!.submission);
    const { digest } = registry.image(layers.slice(0, 1), { tag: image.tag });
    const { submitted } = await received(request({ ...image, digest }));
    expect(submitted[0]?.submission).not.toBe(before[0]?.submission);
    expect(await finished(submitted[0]!.submission)).toMatchObject({ images: [digest] });
  });

  it('resolve the tag themselves, so that a wrong digest has no effect', async () => {
    const image = push();
    const { submitted } = await received(SENDERS['harbor']!.request({ ...image, digest: `sha256:${'f'.repeat(64)}` }));
    expect(await finished(submitted[0]!.submission)).toMatchObject({ images: [image.digest] });
  });

  it('submit at most 100 images of a request', async () => {
    const sent = SENDERS['quay']!.request(push());
    const tags = Array.from({ length: 130 }, (_, at) => `many-${at}`);
    const response = await fetch(`${server.url}${sent.path}`, {
      method: 'POST',
      headers: sent.headers,
      body: JSON.stringify(changed(changed(sent.body, ['updated_tags'], tags), ['docker_url'], 'other.test/app')),
    });
    const { ignored } = (await response.json()) as Received;
    expect(ignored).toHaveLength(130);
    expect(
      ignored.filter(({ reason }) => reason === 'only the first 100 images of a request are submitted'),
    ).toHaveLength(30);
  });

  it('reject a body of more than 1 MiB', async () => {
    const sent = SENDERS['harbor']!.request(push());
    await expect(received({ ...sent, body: { pad: 'x'.repeat(1024 * 1024) } })).rejects.toThrow(/^413 /);
  });

  it('never pull from a private host that the configuration does not allow', async () => {
    const image = { ...push(), host: 'private.test:5000' };
    const { submitted, ignored } = await received(SENDERS['harbor']!.request(image));
    // The name does not resolve on this machine, so the submission fails; an address is refused at once.
    for (const { submission } of submitted) expect((await finished(submission)).state).toBe('failed');
    expect(submitted.length + ignored.length).toBe(1);
  });
});

describe('the replay of a push', () => {
  const answers = new Map<Stage, HookAnswer>();
  let image: PushedImage;
  const ask: Ask = async (stage, request) => {
    const start = performance.now();
    const response =
      typeof request === 'string'
        ? await fetch(`${server.url}${request}`)
        : await fetch(`${server.url}${request.path}`, {
            method: 'POST',
            headers: request.headers,
            body: typeof request.body === 'string' ? request.body : JSON.stringify(request.body),
            redirect: 'manual',
          });
    const text = await response.text();
    const answer = { status: response.status, text, milliseconds: performance.now() - start };
    answers.set(stage, answer);
    return answer;
  };
  beforeAll(async () => {
    image = push();
    await replayPush(ask, image, { patience: BUSY_MS, wait: () => setTimeout(50) });
  });
  /** Replays the recorded responses without their durations, which depend on the machine of the tests. */
  const recorded: Ask = async (stage) => ({ ...answers.get(stage)!, milliseconds: 0 });

  it('accepts the responses of the server', async () => {
    await expect(replayPush(recorded, image)).resolves.toBeUndefined();
  });

  it.each(PUSH_DEVIATIONS)('fails if %s: %s', async (at, _name, change, because) => {
    const deviating: Ask = async (stage, request) => {
      const answer = await recorded(stage, request);
      return stage === at ? change(answer) : answer;
    };
    await expect(replayPush(deviating, image)).rejects.toThrow(because);
  });
});

describe('a sender', () => {
  const request = SENDERS['distribution']!.request({ host: 'h', repository: 'r', tag: 't', digest: 'd' });
  const answering = (status: number, milliseconds = 0): typeof fetch => {
    return async () => {
      await setTimeout(milliseconds);
      return new Response(status === 204 ? null : '{}', { status });
    };
  };

  it.each([[301], [400], [401], [404], [500], [503]])('fails on status %d', async (status) => {
    await expect(deliver(answering(status), '', request)).rejects.toThrow(String(status));
  });

  it('fails on a slow response', async () => {
    await expect(deliver(answering(202, 600), '', request)).rejects.toThrow(/took/);
    await expect(deliver(answering(202), '', request)).resolves.toEqual({});
  });
});
