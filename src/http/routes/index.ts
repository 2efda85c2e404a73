import type { Route } from '../route.ts';
import { accountRoutes } from './accounts.ts';
import { agentRoutes } from './agent.ts';
import { authenticateRoutes } from './authenticate.ts';
import { credentialRoutes } from './credentials.ts';
import { ownRoutes } from './own.ts';
import { policyRoutes } from './policy.ts';
import { sessionRoutes } from './sessions.ts';

export const routes: readonly Route[] = [
  ...authenticateRoutes,
  ...sessionRoutes,
  ...ownRoutes,
  ...accountRoutes,
  ...credentialRoutes,
  ...policyRoutes,
  ...agentRoutes,
];
