import type { Language } from './language.ts';

export const de: Language = {
  code: 'de',
  common:
    'der, die, das, und, zu, den, von, mit, ist, ein, eine, einen, nicht, sie, ihr, ihre, ihren, ihrem, ihrer, für, auf, im, dem, des, bei, wir, oder, werden, wird, haben, sich, um, als, zur, zum, dass',
  words: {
    give: 'senden, schicken, schicken sie, nennen, nennen sie, geben sie uns, geben sie mir, teilen sie uns, teilen sie mir, mitteilen, mitzuteilen, antworten sie mit, antworten sie + mit, übermitteln, übersenden, sagen sie mir, benötigen, benötige, brauchen wir, brauche ich, bereitstellen, weiterleiten, gib mir, schick, schicke, schreiben sie uns, vorlesen, lesen sie',
    attest: 'bestätig*, verifizier*, validier*',
    enter:
      'eingeben, einzugeben, geben sie, gib + ein, tragen sie, eintragen, einzutragen, ausfüllen, füllen sie, tippen sie, eingabe, einloggen mit, mit ihrem',
    prove:
      'bestätig*, verifizier*, überprüf*, prüfen sie, validier*, aktualisier*, reaktivier*, aktivier*, freischalt*, freizuschalten, entsperr*, wiederherstell*, wiederherzustellen, erneuer*, verlänger*, erhöh*, freigeben, freizugeben, authentifizier*, legitimier*, abgleich*, abzugleichen, sichern sie, schützen sie, migrier*, umstell*, synchronisier*, stornieren sie die anfrage, anfrage stornieren, deaktivierung abbrechen, löschung abbrechen, beheben, registrier*, upgrade, upgraden',
    go: 'klicken, klicken sie, klick, klicke, anklicken, tippen, folgen sie, folgen, besuchen sie, öffnen, öffnen sie, gehen sie, rufen sie, aufrufen, nutzen sie, verwenden sie, laden sie, scannen sie, weiter zu, drücken',
    here: 'hier, unten, untenstehend*, folgenden link, link, links, schaltfläche, button, seite, webseite, website, formular, anhang, angehängte, nachfolgend*, verlinkung, adresse',
    login:
      'anmelden, anzumelden, melden sie sich, anmeldung, einloggen, einzuloggen, loggen sie sich, login, log in, einlog*',
    keep: 'behalten, beibehalten, beizubehalten, weiterhin nutzen, weiterhin, weiter nutzen, weiternutzen, vermeiden, zu vermeiden, verhindern, zu verhindern, um + fortzusetzen, fortfahren, aufrechterhalten, uneingeschränkt',
    secret:
      'passwort, passwörter, passworts, kennwort, kennwörter, kennworts, passwd, pin, pin code, tan, tans, tan nummer, mtan, sms tan, pushtan, photo tan, einmalkennwort, einmalpasswort, einmalcode, sicherheitscode, bestätigungscode, verifizierungscode, verifikationscode, freigabecode, zugangscode, aktivierungscode, authentifizierungscode, code per sms, 6-stelligen code, sechsstelligen code, wiederherstellungsphrase, wiederherstellungssatz, seed phrase, privater schlüssel, privaten schlüssel, zugangsdaten, anmeldedaten, logindaten, login daten, login-daten, benutzername und passwort, benutzernamen und passwort, benutzername und kennwort, onlinebanking zugangsdaten, anmeldeinformationen, sicherheitsfrage, sicherheitsantwort, prüfziffer, cvv, otp',
    details:
      'daten, angaben, informationen, identität, persönlichen daten, personenbezogene daten, kontodaten, bankdaten, kartendaten, kreditkartendaten, kartennummer, kundendaten, stammdaten, zahlungsdaten, zahlungsinformationen, rechnungsdaten',
    account:
      'konto, kontos, konten, benutzerkonto, kundenkonto, mailkonto, email konto, e-mail-konto, e-mail-konten, bankkonto, onlinekonto, postfach, postfachs, postfächer, mailbox, posteingang, e-mail, e-mails, email, emails, webmail, onlinebanking, online-banking, zugang, karte, kreditkarte, account, wallet, dienst, dienste, domain, webhosting, profil, girokonto, mailadresse, e-mail-adresse, outlook, banking',
    you: 'sie, ihr, ihre, ihren, ihrem, ihrer, ihnen, ihres, du, dein, deine, deinen, deinem, dir, dich',
    no: 'nicht, nie, niemals, kein, keine, keinen, keiner, niemand, ohne, niemandem, weder, nirgends, vergessen',
    threat:
      'gesperrt, sperr*, sperrung, gelöscht, löschung, löschen, deaktivier*, deaktiviert, geschlossen, schließung, schließen, abgelaufen, läuft ab, ablauf, abläuft, ablaufen, eingeschränkt, einschränk*, beschränk*, verlieren, verlust, verloren, unterbrech*, unterbrochen, gekündigt, kündigung, stillgelegt, eingefroren, blockier*, eingestellt, ausgesetzt, nicht mehr nutzen, nicht mehr empfangen, nicht mehr senden, ungültig, entfernt, gebühr, abschalt*, abgeschaltet, kompromittiert',
    deadline:
      '24 stunden, 48 stunden, 72 stunden, 24h, 48h, frist, sofort, sofortig*, umgehend, unverzüglich, dringend, heute, so schnell wie möglich, schnellstmöglich, letzte warnung, letzte mahnung, letzte erinnerung, letzte aufforderung, jetzt, innerhalb von, binnen, werktag*, werktage, spätestens',
    mailbox:
      'quota, kontingent, speicherplatz, speicherlimit, speichergrenze, speicher, speicherkapazität, ist voll, fast voll, überschritten, erreicht, wartung, wartungsarbeiten, neue version, migration, umstellung, umzug, neuen server, neuer server, server, zurückgehaltene, zurückgehalten, nicht zugestellt*, nicht zugestellte, eingehende nachrichten, ausstehende nachrichten, eingehende e-mails, ausstehende, quarantäne, neues webmail, aktualisierung, deaktivierungsanfrage, löschanfrage, kündigungsanfrage, veraltet*, alte version',
    alarm:
      'ungewöhnliche aktivität*, ungewöhnlich*, verdächtig*, unbefugt*, unberechtigt*, nicht autorisiert*, unbekanntes gerät, unbekannten gerät, neues gerät, neuen gerät, anmeldeversuch*, loginversuch*, zugriffsversuch*, betrug*, betrüg*, phishing, missbrauch*, sicherheitsgründen, sicherheitsgrund, sicherheitsmaßnahme*, sicherheitsupdate, sicherheitssystem, sicherheitswarnung, sicherheitshinweis, sicherheitsverfahren, sicherheitsüberprüfung, zu ihrer sicherheit, unregelmäßig*, problem mit, probleme mit, abrechnungsproblem, psd2, dsgvo, neue richtlinie, gesetzlich*, wenn sie das nicht waren, waren sie das nicht, haben wir festgestellt, wir haben festgestellt, festgestellt, konnte nicht bestätigt, unvollständig*, zwei-faktor, neues verfahren, pushtan registrierung, ihre pushtan, auffällig*, nicht übereinstimm*',
    expiry:
      'passwort + läuft, passwort + ab, kennwort + läuft, passwort läuft ab, kennwort läuft ab, passwort ist abgelaufen, passwort abgelaufen, ablauf des passworts, ablauf ihres passworts, ablauf ihres kennworts, passwort beibehalten, aktuelles passwort beibehalten, kennwort beibehalten, passwort behalten, kennwort behalten, dasselbe passwort, gleiche passwort, gleiches passwort, aktuelles passwort, aktuelles kennwort, passwortablauf',
    waiting:
      'dokument*, datei*, rechnung*, sprachnachricht, voicemail, fax, zahlung, überweisung, rückerstattung, erstattung, paket, sendung, bestellung, angebot, gehaltsabrechnung, freigegeben*',
    share:
      'weitergeben, weiter, geben, teilen, preisgeben, verrat*, mitteilen, fragen, bitten, auffordern, verlangen, erfragen, nach ihrem, nennen, offenlegen, herausgeben, teile, gib',
    ignore:
      'ignorieren, ignorieren sie, gegenstandslos, betrachten sie + als gegenstandslos, nichts weiter tun, nichts tun, nichts zu tun, nichts unternehmen, keine weiteren schritte, ist nichts weiter, brauchen sie nichts, müssen sie nichts',
    asked:
      'sie haben angefordert, haben sie angefordert, du hast angefordert, haben sie + angefordert, wurde angefordert, zurücksetzen ihres passworts, passwort zurückzusetzen, passwort zurücksetzen, zurücksetzung, danke für ihre registrierung, vielen dank für ihre registrierung, danke für deine registrierung, vielen dank für ihre bestellung, danke für ihre bestellung, vielen dank für deine bestellung, vielen dank für ihren einkauf, vielen dank für ihre anmeldung, willkommen, ihre bestellung, deine bestellung, ihre bestellnummer, wurde geändert, wurde erfolgreich, wurde angelegt, wurde erstellt, wurde eingerichtet, ihre rechnung',
    greeting:
      'sehr geehrter kunde, sehr geehrte kundin, sehr geehrte kundinnen, sehr geehrter nutzer, sehr geehrter benutzer, sehr geehrte damen, lieber kunde, liebe kundin, lieber nutzer, lieber benutzer, werter kunde, guten tag kunde, sehr geehrter + kunde, sehr geehrte nutzerin, lieber + nutzer, kontoinhaber, hallo kunde, lieber kontoinhaber',
    salute:
      'sehr geehrter, sehr geehrte, lieber, liebe, hallo, guten tag, guten morgen, moin, sehr geehrter herr, sehr geehrte frau, hallo herr, hallo frau, lieber herr, liebe frau',
    office:
      'support, kundenservice, kundendienst, administrator, administration, it-abteilung, it abteilung, it-support, edv, technischer support, sicherheitsabteilung, sicherheitsteam, helpdesk, help desk, hilfe desk, support-team, mail-team, ihr team, systemadministrator, webmaster, postmaster, kundenbetreuung, rechenzentrum, service-team',
    mailing:
      'abmelden, abbestellen, newsletter, rundbrief, abonnement, abonniert, einstellungen, nicht mehr erhalten, keine weiteren e-mails, mailingliste, verteiler',
    sale: 'gratis, kostenlos*, rabatt*, preis*, kaufen, angebot*, aktion, sparen, gewinn*, gewonnen, geld, kredit*, gutschein*, bargeld, lotto, lotterie, jackpot, investition, günstig*, schnäppchen, bestellen, versandkostenfrei',
    narrated:
      'fragte nach meinem, fragte mich nach, fragte nach dem, hat nach meinem, hat mich nach, wollte mein, wollte meine, wollte wissen, wollte das, verlangte mein, verlangte meine, verlangte das, verlangt mein, bat mich um, bat um mein, hat mich um, brauchte mein, brauche mein, sollte mein, sollte ihm mein, sollte ihr mein',
    we: 'wir, unser, unsere, unseren, ich, wurde, wurden, worden, hat',
  },
};
