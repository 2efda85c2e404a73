/** The agent's figures are read on loopback, only where that was asked for, and nothing else is there. */
import { afterEach, expect, test } from 'vitest';
import { Figures } from '../../src/agent/figures.ts';
import { freePort } from '../support/free-port.ts';

const figures = new Figures({ inTouch: () => true, liveSessions: () => 3, waitingReports: () => 7 });
afterEach(() => figures.stop());

test('sessions, reports, answers and the release', async () => {
  const address = `127.0.0.1:${await freePort()}`;
  await figures.listen(address);
  figures.questions.inc({ ask: 'auth', verdict: 'deny' });
  figures.turnedAway.inc(2);
  figures.mails.inc({ verdict: 'flagged', deed: 'hold' });
  const text = await (await fetch(`http://${address}/metrics`)).text();
  for (const line of [
    'gatehouse_agent_in_touch 1',
    'gatehouse_agent_sessions 3',
    'gatehouse_agent_reports_waiting 7',
    'gatehouse_agent_pam_questions_total{ask="auth",verdict="deny"} 1',
    'gatehouse_agent_pam_turned_away_total 2',
    'gatehouse_agent_mails_total{verdict="flagged",deed="hold"} 1',
  ]) {
    expect(text).toContain(`${line}\n`);
  }
  expect(text).toMatch(/gatehouse_agent_info\{version="[\d.]+/);
  expect((await fetch(`http://${address}/`)).status).toBe(404);
  expect((await fetch(`http://${address}/metrics`, { method: 'POST' })).status).toBe(404);
});
