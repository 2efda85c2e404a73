import type { Language } from './language.ts';

export const it: Language = {
  code: 'it',
  common:
    'il, lo, la, i, gli, le, di, del, della, dei, e, in, un, una, per, che, non, con, si, è, sono, al, alla, da, dal, nel, suo, sua, tuo, tua, ha, questo, questa, o, più, ci, abbiamo',
  words: {
    give: 'invia, inviare, inviaci, invii, inviateci, fornire, fornisca, fornisci, fornirci, comunicare, comunica, comunichi, comunicaci, dare, dammi, mi dia, dica, dimmi, mi dica, rispondi con, risponda con, rispondere con, rispondi + con, indicare, indichi, indica, abbiamo bisogno, ho bisogno, serve, condividi, trasmettere, mandaci, mandare, legga',
    attest: 'conferm*, verific*, convalid*, valid*',
    enter:
      'inserire, inserisci, inserisca, inserendo, digita, digitare, digiti, compila, compilare, compili, scrivi, scrivere, immettere, immetti, completare, completa, con la tua, con la sua, usa la tua',
    prove:
      'conferm*, verific*, convalid*, riconvalid*, aggiorn*, riattiv*, attiv*, ripristin*, sblocc*, recuper*, rinnov*, aument*, rilasci*, proteggi, proteggere, autentic*, regolarizz*, valid*, sincronizz*, correggi, risolv*, annulla la richiesta, annullare la richiesta, migrare, riconferm*, approv*',
    go: 'clicca, cliccare, cliccando, clicchi, fai clic, fare clic, faccia clic, clic, tocca, premi, accedi, accedere, acceda, visita, visitare, segui, seguire, segua, apri, aprire, utilizza il link, usa il link, scarica, vai, procedi, procedere',
    here: 'qui, sotto, di seguito, link, collegamento, pulsante, pagina, sito, indirizzo, modulo, allegato, seguente',
    login:
      "accedi, accedere, acceda, effettua l'accesso, effettuare l'accesso, effettua il login, login, entra, entrare nel, accesso al, accedi al tuo conto, accedi al tuo account",
    keep: 'mantenere, mantieni, conservare, continuare a utilizzare, continuare a usare, per continuare, continuare, evitare, evita, non perdere',
    secret:
      "password, parola d'ordine, passwords, pin, codice pin, codice di verifica, codice di sicurezza, codice di accesso, codice di conferma, codice sms, codice otp, codice a 6 cifre, codice a sei cifre, codice monouso, codice segreto, codice titolare, codici di accesso, frase di recupero, frase segreta, seed phrase, chiave privata, credenziali, credenziali di accesso, dati di accesso, dati di login, nome utente e password, utente e password, otp, cvv, codice dispositivo",
    details:
      'dati, informazioni, identità, dettagli, dati personali, informazioni personali, dati bancari, dati di pagamento, carta di credito, numero di carta, numero della carta, fatturazione, metodo di pagamento, codice fiscale, anagrafic*',
    account:
      'conto, conti, account, casella, casella di posta, casella postale, caselle, posta elettronica, posta in arrivo, posta, e-mail, email, mail, webmail, home banking, internet banking, online banking, accesso, carta, portafoglio, servizio, servizi, dominio, hosting, profilo, utenza, outlook, postepay, pec',
    you: 'tu, tuo, tua, tuoi, tue, ti, lei, suo, sua, suoi, sue, le, vostro, vostra, vi, voi',
    no: 'non, mai, nessuno, nessun, nessuna, né, senza, dimenticato',
    threat:
      'sospe*, blocc*, chius*, chiusura, disattiv*, disabilit*, cancell*, elimin*, scad*, scaden*, limitat*, limitazion*, restri*, perd*, perdita, interrott*, interruz*, terminat*, rimoss*, revocat*, inattiv*, congelat*, rifiutat*, sanzion*, compromess*, non potrai, non potrà',
    deadline:
      '24 ore, 48 ore, 72 ore, 24h, 48h, entro, scadenza, immediatamente, immediato, subito, urgente, oggi, al più presto, il prima possibile, ultimo avviso, avviso finale, ultimo sollecito, ora, giorni lavorativi, quanto prima',
    mailbox:
      'quota, limite di archiviazione, archiviazione, spazio, è piena, quasi piena, superato, ha superato, raggiunto, manutenzione, nuova versione, migrazion*, nuovo server, server, messaggi in attesa, messaggi in sospeso, messaggi non consegnati, messaggi in arrivo, messaggi in entrata, email in attesa, nuova webmail, disattivazione, richiesta di chiusura, richiesta di disattivazione, richiesta di cancellazione, versione obsoleta, obsolet*, quarantena, aggiornamento del',
    alarm:
      'attività sospetta, attività insolita, attività insolite, attività anomala, attività sospette, insolit*, sospett*, non autorizzat*, anomal*, frode, frodi, fraudolent*, dispositivo sconosciuto, nuovo dispositivo, dispositivo non riconosciuto, tentativo di accesso, tentativi di accesso, accesso anomalo, accesso insolito, motivi di sicurezza, ragioni di sicurezza, misura di sicurezza, misure di sicurezza, per la tua sicurezza, avviso di sicurezza, allerta sicurezza, sistema di sicurezza, irregolar*, problema con, problema di fatturazione, se non sei stato tu, se non è stato lei, abbiamo rilevato, abbiamo notato, abbiamo riscontrato, è stato rilevato, psd2, dati incompleti, mancata verifica, mancato aggiornamento, pagamento non, nuovo accesso',
    expiry:
      'password + scad*, scadenza della password, password in scadenza, password scaduta, mantenere la password, mantieni la password, mantenere la stessa password, mantieni la stessa, stessa password, password attuale, conservare la password',
    waiting:
      'document*, file, fattur*, messaggio vocale, segreteria, fax, pagamento, bonifico, rimborso, pacco, spedizione, preventivo, busta paga, condiviso',
    share:
      'condivid*, divulg*, rivel*, comunic*, fornire, fornisca, chied*, chiede, chiederà, chiederemo, richied*, dare, inviare, dai, cedere',
    ignore:
      'ignora, ignorare, ignori, puoi ignorare, non è necessaria, nessuna azione, non devi fare nulla, non deve fare nulla, non occorre',
    asked:
      'hai richiesto, ha richiesto, avete richiesto, abbiamo ricevuto una richiesta di reimpostazione, reimpostare la password, reimposta la password, reimpostazione della password, grazie per esserti registrato, grazie per la registrazione, grazie per il tuo ordine, grazie per il suo ordine, grazie per il tuo acquisto, benvenuto, benvenuta, il tuo ordine, il suo ordine, è stato creato, è stata modificata, è stata cambiata, il tuo acquisto, la tua ricevuta',
    greeting:
      'gentile cliente, caro cliente, cara cliente, spettabile cliente, egregio cliente, gentile utente, caro utente, gentile + cliente, gentile + utente, stimato cliente, gentili clienti, egregio signore, gentile titolare, salve cliente',
    salute: 'gentile, caro, cara, ciao, salve, buongiorno, buonasera, egregio, spettabile',
    office:
      'supporto, supporto tecnico, assistenza, assistenza clienti, servizio clienti, amministratore, amministrazione, sicurezza, dipartimento, team, helpdesk, help desk, servizio di posta, il team, webmaster, postmaster, ufficio sicurezza',
    mailing:
      "annulla iscrizione, annullare l'iscrizione, disiscriv*, cancellarti, newsletter, iscritto, iscrizione, preferenze, non desideri più, non ricevere più",
    sale: 'gratis, gratuit*, sconto, sconti, prezzo, prezzi, acquista, offerta, offerte, promozion*, premio, premi, vinci, vinto, vincitore, soldi, prestito, prestiti, credito, euro, buono, risparmi*, lotteria, investiment*',
    narrated:
      'mi ha chiesto la, mi ha chiesto il, mi chiede la, mi chiede il, ha chiesto la mia, ha chiesto il mio, voleva la mia, voleva il mio, vuole la mia, voleva sapere la, pretendeva la mia, aveva bisogno della mia',
    we: 'noi, nostro, nostra, nostri, io, è stato, è stata, sono stati, sono state, abbiamo',
  },
};
