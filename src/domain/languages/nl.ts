import type { Language } from './language.ts';

export const nl: Language = {
  code: 'nl',
  common:
    'de, het, een, en, van, te, in, is, dat, op, voor, met, zijn, niet, u, uw, je, jouw, wij, we, of, om, aan, door, bij, naar, als, dit, deze, kunt, wordt, hebben, heeft, ons, onze',
  words: {
    give: 'stuur, sturen, stuurt, verstrek, verstrekken, geef, geven, geeft, verzend, verzenden, deel + mee, meedelen, mede te delen, antwoord met, antwoord + met, vertel, noem, noemt u, lever, aanleveren, doorgeven, geef + door, nodig, hebben uw, mail ons, zeg, lees',
    attest: 'bevestig*, verifieer*, verifiëren, valideer*',
    enter:
      'voer, invoeren, in te voeren, typ, typen, vul, vult, invullen, in te vullen, toets, intoetsen, met uw, gebruik uw',
    prove:
      'bevestig*, verifieer*, verifieren, verifiëren, verificatie, controleer, controleren, valideer*, valideren, hervalideer*, update, updaten, bijwerken, werk + bij, bij te werken, heractiveer*, heractiveren, activeer*, activeren, herstel, herstellen, deblokkeer*, deblokkeren, ontgrendel*, vernieuw*, verleng*, verhoog, verhogen, vrijgeven, geef + vrij, authenticeer*, identificeer*, legitimeer*, beveilig uw, bescherm, migreer*, synchroniseer*, annuleer het verzoek, verzoek annuleren, annuleer verzoek, upgrade, upgraden, actualiseer*, registreer, opnieuw registreren',
    go: 'klik, klikken, klikt, tik, druk, volg, volgen, bezoek, ga naar, open, openen, gebruik de link, via de link, download, scan, surf naar, ga verder',
    here: 'hier, hieronder, onderstaande, link, knop, pagina, website, site, formulier, bijlage, volgende link, adres',
    login:
      'log in, inloggen, in te loggen, logt, aanmelden, meld u aan, meld je aan, aan te melden, login, inlog*',
    keep: 'behouden, behoud, te blijven gebruiken, blijven gebruiken, om door te gaan, doorgaan, voorkomen, te voorkomen, vermijden, te vermijden, handhaven, niet te verliezen',
    secret:
      'wachtwoord, wachtwoorden, paswoord, pin, pincode, pin code, tan, tan-code, tancode, verificatiecode, beveiligingscode, toegangscode, bevestigingscode, activeringscode, sms-code, eenmalige code, inlogcode, 6-cijferige code, zescijferige code, herstelzin, geheime zin, seed phrase, privésleutel, inloggegevens, aanmeldgegevens, toegangsgegevens, gebruikersnaam en wachtwoord, signeercode, respons, cvc, cvv, otp',
    details:
      'gegevens, informatie, identiteit, details, persoonsgegevens, persoonlijke gegevens, bankgegevens, kaartgegevens, creditcardgegevens, kaartnummer, betaalgegevens, factuurgegevens, rekeninggegevens, betaalmethode',
    account:
      'account, accounts, rekening, bankrekening, mailbox, postvak, postbus, inbox, e-mail, e-mails, email, mail, webmail, e-mailaccount, mailaccount, e-mailadres, internetbankieren, mobiel bankieren, online bankieren, toegang, pas, bankpas, betaalpas, creditcard, wallet, dienst, diensten, domein, hosting, profiel, digid, outlook',
    you: 'u, uw, je, jouw, jij, jullie',
    no: 'niet, nooit, geen, niemand, zonder, noch, vergeten',
    threat:
      'geblokkeerd, blokker*, blokkeren, opgeschort, opschort*, gesloten, sluiten, sluiting, gedeactiveerd, deactiver*, uitgeschakeld, verwijder*, verwijderd, verlopen, verloopt, vervalt, vervallen, beperkt, beperk*, verliezen, verlies, verloren, onderbroken, onderbrek*, beëindig*, opgezegd, stopgezet, bevroren, ongeldig, geweigerd, inactief, kosten in rekening, afgesloten, gecompromitteerd, opgeheven',
    deadline:
      '24 uur, 48 uur, 72 uur, 24u, 48u, deadline, onmiddellijk, direct, meteen, dringend, urgent, vandaag, zo snel mogelijk, zo spoedig mogelijk, laatste waarschuwing, laatste herinnering, laatste kans, nu, binnen, werkdagen, per ommegaande, voor het einde',
    mailbox:
      'quotum, quota, opslagruimte, opslaglimiet, opslag, is vol, bijna vol, overschreden, bereikt, onderhoud, nieuwe versie, migratie, nieuwe server, server, berichten in behandeling, vastgehouden berichten, niet bezorgd*, niet afgeleverd*, inkomende berichten, inkomende e-mails, wachtende berichten, openstaande berichten, nieuwe webmail, deactivering, verzoek tot sluiten, verzoek tot verwijdering, sluitingsverzoek, verouderd*, quarantaine, oude versie',
    alarm:
      'verdachte activiteit*, ongebruikelijke activiteit*, ongebruikelijk*, ongewone activiteit, ongewone, verdacht*, ongeautoriseerd*, niet geautoriseerd*, onbevoegd*, onbekend apparaat, nieuw apparaat, fraude*, frauduleu*, phishing, misbruik, inlogpoging*, aanmeldpoging*, veiligheidsredenen, beveiligingsredenen, voor uw veiligheid, veiligheidsmaatregel*, beveiligingsmaatregel*, beveiligingsupdate, beveiligingsmelding, beveiligingssysteem, veiligheidssysteem, beveiligingswaarschuwing, onregelmatig*, probleem met, factureringsprobleem, als u dit niet was, was u dit niet, hebben vastgesteld, hebben gedetecteerd, gedetecteerd, opgemerkt, nieuwe wetgeving, psd2, niet bevestigd, onvolledig*, nieuwe betaalpas, niet overeen, mislukte betaling',
    expiry:
      'wachtwoord + verloop*, wachtwoord + verlopen, wachtwoord verloopt, vervaldatum van uw wachtwoord, hetzelfde wachtwoord, zelfde wachtwoord, wachtwoord behouden, huidige wachtwoord, huidig wachtwoord, wachtwoord is verlopen',
    waiting:
      'document*, bestand*, factuur, facturen, voicemail, spraakbericht, fax, betaling, overboeking, terugbetaling, teruggave, pakket, pakketje, bestelling, offerte, loonstrook, gedeeld*',
    share:
      'deel, delen, geef, geven, verstrek*, onthul*, prijsgeven, vragen, vraagt, vraag, verzoeken, doorgeven, sturen, bekend, noem',
    ignore:
      'negeer, negeren, kunt u + negeren, als niet verzonden beschouwen, hoeft u niets te doen, hoef je niets te doen, niets te doen, geen actie, geen verdere actie',
    asked:
      'u heeft aangevraagd, je hebt aangevraagd, hebt u aangevraagd, aangevraagd, heeft gevraagd, wachtwoord opnieuw in te stellen, wachtwoord opnieuw instellen, wachtwoord resetten, wachtwoord te resetten, bedankt voor uw registratie, bedankt voor je registratie, bedankt voor uw bestelling, bedankt voor je bestelling, bedankt voor uw aankoop, welkom, uw bestelling, je bestelling, is gewijzigd, is aangemaakt, uw factuur van, ordernummer, bestelnummer',
    greeting:
      'geachte klant, beste klant, geachte gebruiker, beste gebruiker, geachte relatie, geachte heer, geachte mevrouw, geachte + klant, geachte + gebruiker, beste + gebruiker, geachte rekeninghouder, geachte kaarthouder, beste relatie, accounthouder',
    salute: 'geachte, beste, hallo, hoi, dag, goedemorgen, goedemiddag, lieve',
    office:
      'support, klantenservice, helpdesk, help desk, beheerder, systeembeheerder, beheer, ict, it-afdeling, technische dienst, beveiligingsteam, afdeling, team, klantendienst, webmaster, postmaster, servicedesk, mailteam, fraudeafdeling',
    mailing:
      'uitschrijven, afmelden, nieuwsbrief, nieuwsbrieven, abonnement, geabonneerd, voorkeuren, niet meer ontvangen, geen e-mails meer',
    sale: 'gratis, korting*, prijs, prijzen, koop, kopen, aanbieding*, actie, win, gewonnen, winnaar, geld, lening, leningen, krediet, voordeel, bespaar, cadeau*, loterij, investering, euro, waardebon',
    narrated:
      'vroeg om mijn, vroeg naar mijn, vroeg mij om, vroeg me om, wilde mijn, wil mijn, eiste mijn, had mijn, heeft mijn, heeft om mijn, heeft naar mijn',
    we: 'wij, we, ons, onze, ik, is, werd, werden, hebben wij',
  },
};
