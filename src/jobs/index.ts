/** What runs by the clock. Every node runs all of it: the work is shared by skipping rows that another one holds. */
import { enter, type House } from '../actions/context.ts';
import { deliverWebhooks, measureWebhooks, sweepWebhooks } from '../actions/deliver-webhooks.ts';
import { endAtDaemon } from '../actions/end-at-daemons.ts';
import { followFlags } from '../actions/follow-flags.ts';
import { sweepNeverTakenUp } from '../actions/follow-session.ts';
import { judgeResets, sweepResets } from '../actions/judge-resets.ts';
import { lookForWork, type Work } from '../actions/look-for-work.ts';
import { sendMails, sweepOutbox } from '../actions/send-mails.ts';
import { sweepOperatorNotices, tellOperators } from '../actions/tell-operators.ts';
import { measureFlags, sweepOldReports, sweepResolvedFlags } from '../actions/tend-flags.ts';
import {
  sweepAnswers,
  sweepGuesses,
  sweepHalfLogins,
  sweepMessages,
  sweepSessions,
  tidyCutoffs,
} from '../actions/tidy.ts';
import { sweepPatternEffects, watchMemory, watchPatterns } from '../actions/watch-patterns.ts';
import { every, type Job } from './every.ts';

const minute = 60_000;

export function startJobs(house: House): Job {
  const ctx = () => enter(house, { kind: 'system' }, 'job');
  const memory = watchMemory(house.world.random(9));
  const waits = lookForWork(ctx);
  const whereWaits = (work: Work, ms: number, name: string, run: () => Promise<unknown>) =>
    every(ms, name, async () => ((await waits(work)) ? run() : undefined));
  const jobs = [
    every(200, 'write last-seen', () => house.touches.flush()),
    whereWaits('cutoffs', 1000, 'tidy bulk logoffs', () => tidyCutoffs(ctx())),
    every(2000, 'write down expired sessions', () => sweepSessions(ctx())),
    whereWaits('resets', 1000, 'judge resets', () => judgeResets(ctx())),
    // One each: a host that is out of reach keeps no other waiting.
    ...house.disconnector.hosts.map((host) =>
      every(1000, `end sessions on ${host}`, () => endAtDaemon(ctx(), host)),
    ),
    every(10_000, 'give up sessions that no daemon took up', () => sweepNeverTakenUp(ctx())),
    whereWaits('mails', 1000, 'send mails', () => sendMails(ctx())),
    every(2000, 'watch for patterns', () => watchPatterns(ctx(), memory)),
    every(10 * minute, 'forget effects of patterns', () => sweepPatternEffects(ctx())),
    whereWaits('webhooks', 500, 'deliver webhooks', () => deliverWebhooks(ctx)),
    every(15_000, 'measure webhooks', () => measureWebhooks(ctx())),
    every(15_000, 'measure flags', () => measureFlags(ctx())),
    whereWaits('notices', 5000, 'tell operators', () => tellOperators(ctx())),
    whereWaits('flags', 1000, 'follow confirmed flags', () => followFlags(ctx())),
    every(10 * minute, 'forget old deliveries', () => sweepWebhooks(ctx())),
    every(10 * minute, 'forget what operators were told', () => sweepOperatorNotices(ctx())),
    every(10 * minute, 'forget old flags', () => sweepResolvedFlags(ctx())),
    every(10 * minute, 'forget old reports', () => sweepOldReports(ctx())),
    every(10 * minute, 'forget old resets', () => sweepResets(ctx())),
    every(10 * minute, 'forget old mails', () => sweepOutbox(ctx())),
    every(10 * minute, 'forget old guess counters', () => sweepGuesses(ctx())),
    every(10 * minute, 'forget challenges that are over', () => sweepHalfLogins(ctx())),
    every(10 * minute, 'forget judged messages', () => sweepMessages(ctx())),
    every(10 * minute, 'forget kept answers', () => sweepAnswers(ctx())),
  ];
  return {
    stop: async () => {
      await Promise.all(jobs.map((job) => job.stop()));
    },
  };
}
