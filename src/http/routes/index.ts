import type { Route } from '../route.ts';
import { accountRoutes } from './accounts.ts';
import { agentRoutes } from './agent.ts';
import { authenticateRoutes } from './authenticate.ts';
import { credentialRoutes } from './credentials.ts';
import { factorRoutes } from './factors.ts';
import { flagRoutes } from './flags.ts';
import { importRoutes } from './imports.ts';
import { messageRoutes } from './messages.ts';
import { ownRoutes } from './own.ts';
import { ownAccessRoutes } from './own-access.ts';
import { ownEmailRoutes } from './own-email.ts';
import { ownFactorRoutes } from './own-factors.ts';
import { ownPasswordRoutes } from './own-password.ts';
import { ownReportRoutes } from './own-reports.ts';
import { policyRoutes } from './policy.ts';
import { resetRoutes } from './resets.ts';
import { sessionRoutes } from './sessions.ts';
import { webhookRoutes } from './webhooks.ts';

export const routes: readonly Route[] = [
  ...authenticateRoutes,
  ...sessionRoutes,
  ...ownRoutes,
  ...ownFactorRoutes,
  ...factorRoutes,
  ...ownAccessRoutes,
  ...ownPasswordRoutes,
  ...ownEmailRoutes,
  ...ownReportRoutes,
  ...resetRoutes,
  ...accountRoutes,
  ...credentialRoutes,
  ...importRoutes,
  ...policyRoutes,
  ...flagRoutes,
  ...webhookRoutes,
  ...messageRoutes,
  ...agentRoutes,
];
