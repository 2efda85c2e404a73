/** The hooks in `/openapi.json`: what they parse is described, what they answer is each daemon's own. */
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import type { Hook } from './hook.ts';

export function hookPaths(hooks: readonly Hook[]): ZodOpenApiPathsObject {
  const paths: ZodOpenApiPathsObject = {};
  for (const { method, path, summary, body } of hooks) {
    const sent = body === undefined ? {} : { content: { 'application/json': { schema: body } } };
    paths[path] = {
      ...paths[path],
      [method]: {
        summary,
        tags: ['Hooks'],
        security: [{ key: [] }],
        ...(body === undefined ? {} : { requestBody: { required: true, ...sent } }),
        responses: { '200': { description: 'a decision, in the words of the caller' } },
      },
    };
  }
  return paths;
}
