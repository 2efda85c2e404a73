/** SHELF: what speaks for or against a request for a password. A new signal is its file and its line here. */
import { accessGiven } from './access-given.ts';
import { alarmStory } from './alarm-story.ts';
import { askedOutright } from './asked-outright.ts';
import { asksForSecret } from './asks-for-secret.ts';
import { asksToConfirm } from './asks-to-confirm.ts';
import { attachedPage } from './attached-page.ts';
import { behindALogin } from './behind-a-login.ts';
import { claimsBrand } from './claims-brand.ts';
import { claimsOffice } from './claims-office.ts';
import { codeGiven } from './code-given.ts';
import { conversation } from './conversation.ts';
import { deadline } from './deadline.ts';
import { dressedUp } from './dressed-up.ts';
import { fieldsToFill } from './fields-to-fill.ts';
import { greetsByName } from './greets-by-name.ts';
import { hiddenText } from './hidden-text.ts';
import { homeLinks } from './home-links.ts';
import { htmlForm } from './html-form.ts';
import { imageOnly } from './image-only.ts';
import { impersonalGreeting } from './impersonal-greeting.ts';
import { linkByText } from './link-by-text.ts';
import { linkDisguised } from './link-disguised.ts';
import { linkElsewhere } from './link-elsewhere.ts';
import { linkOdd } from './link-odd.ts';
import { logInToFix } from './log-in-to-fix.ts';
import { longRead } from './long-read.ts';
import { lookalike } from './lookalike.ts';
import { mailboxStory } from './mailbox-story.ts';
import { mayBeIgnored } from './may-be-ignored.ts';
import { neverAsks } from './never-asks.ts';
import { newsletter } from './newsletter.ts';
import { nobodyAsked } from './nobody-asked.ts';
import { ownNameUnproved } from './own-name-unproved.ts';
import { passwordExpiry } from './password-expiry.ts';
import { recipientBrand } from './recipient-brand.ts';
import { replyElsewhere } from './reply-elsewhere.ts';
import { sellsSomething } from './sells-something.ts';
import type { Signal } from './signal.ts';
import { storyThenAct } from './story-then-act.ts';
import { threat } from './threat.ts';
import { toldOfRequest } from './told-of-request.ts';
import { youAsked } from './you-asked.ts';

export type { Finding, Signal } from './signal.ts';

export const signals: readonly Signal[] = [
  accessGiven,
  alarmStory,
  askedOutright,
  asksForSecret,
  asksToConfirm,
  attachedPage,
  behindALogin,
  claimsBrand,
  claimsOffice,
  codeGiven,
  conversation,
  deadline,
  dressedUp,
  fieldsToFill,
  greetsByName,
  hiddenText,
  homeLinks,
  htmlForm,
  imageOnly,
  impersonalGreeting,
  linkByText,
  linkDisguised,
  linkElsewhere,
  linkOdd,
  logInToFix,
  longRead,
  lookalike,
  mailboxStory,
  mayBeIgnored,
  neverAsks,
  newsletter,
  nobodyAsked,
  ownNameUnproved,
  passwordExpiry,
  recipientBrand,
  replyElsewhere,
  sellsSomething,
  storyThenAct,
  threat,
  toldOfRequest,
  youAsked,
];
