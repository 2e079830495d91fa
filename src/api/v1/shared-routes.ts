import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { ClairError } from '../../errors.ts';
import type { RouteOptions } from '../api-options.ts';
import { whileWaitedFor } from '../request-life.ts';
import { shapeCheck } from '../request-shape.ts';
import { SUBMISSION, SUBMITTED, type Submission, submittedLayer } from './first-generation/layer-submission.ts';
import { analyzeSubmitted } from './layer-analysis.ts';
import { LAYER_NAME } from './shapes.ts';
import {
  LAYER_ENVELOPE,
  type LayerEnvelope,
  POSTED_ENVELOPE,
  postedLayer,
} from './stable-generation/layer-envelope.ts';

/** The routes that both generations share. The body of a submitted layer determines the generation. */
export async function sharedRoutes(server: FastifyInstance, options: RouteOptions): Promise<void> {
  const checkEnvelope = shapeCheck(POSTED_ENVELOPE, 'body');
  const checkSubmission = shapeCheck(SUBMISSION, 'body');
  server.post<{ Body: Submission | LayerEnvelope }>(
    '/layers',
    {
      schema: { body: Type.Union([POSTED_ENVELOPE, SUBMISSION]) },
      validatorCompiler: () => (value) => (isEnvelope(value) ? checkEnvelope(value) : checkSubmission(value)),
      config: {
        described: {
          summary: 'Analyse a layer on top of its parent and store it.',
          description:
            'A body with the field `Layer` is a request of the stable generation; any other body is a request of the first generation. A layer that this or a newer engine version already analysed is not read again: the response is 201 even if its bytes or its parent no longer exist. See "Layers" for `Path`, `Headers` and the format.',
          answers: { 201: Type.Union([LAYER_ENVELOPE, SUBMITTED]) },
          errors: [400, 404, 413, 422, 502],
        },
      },
    },
    async ({ body }, reply) => {
      const signal = whileWaitedFor(reply);
      reply.status(201);
      if ('Layer' in body) {
        const layer = await analyzeSubmitted(postedLayer(body), options, signal);
        return { Layer: { ...body.Layer, IndexedByVersion: layer.engineVersion } };
      }
      const { engineVersion } = await analyzeSubmitted(submittedLayer(body), options, signal);
      return { Version: String(engineVersion) };
    },
  );

  server.delete<{ Params: { name: string } }>(
    '/layers/:name',
    {
      schema: { params: Type.Object({ name: LAYER_NAME }) },
      config: {
        described: {
          summary: 'Delete a layer and all layers built on it.',
          description: 'Also deletes the images whose topmost layer is one of these layers.',
          answers: { 200: null },
          errors: [400, 404],
        },
      },
    },
    async ({ params: { name } }, reply) => {
      const removed = await options.store.layers.remove(name);
      if (removed === 0) throw new ClairError('layer/not-found', `layer ${name} not found`);
      return await reply.send();
    },
  );
}

/** Returns whether the body of a submitted layer belongs to the stable generation. */
export function isEnvelope(body: unknown): boolean {
  return typeof body === 'object' && body !== null && Object.keys(body).some((name) => name.toLowerCase() === 'layer');
}
