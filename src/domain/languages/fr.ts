import type { Language } from './language.ts';

export const fr: Language = {
  code: 'fr',
  common:
    'le, la, les, de, du, des, et, en, un, une, pour, que, qui, dans, est, vous, votre, vos, nous, ne, pas, sur, au, aux, avec, par, ce, cette, à, il, sont, ou, plus, été',
  words: {
    give: 'envoyez, envoyer, envoyez-nous, fournir, fournissez, communiquer, communiquez, donner, donnez, donnez-moi, transmettre, transmettez, indiquer, indiquez, répondez avec, répondre avec, répondez + avec, dites-moi, dites, partagez, renvoyez, renvoyer, avons besoin de, besoin de, me donner, lisez, faire parvenir',
    attest: 'confirm*, vérifi*, valid*, revalid*',
    enter:
      'entrez, entrer, saisir, saisissez, saisie, tapez, taper, remplir, remplissez, compléter, complétez, inscrire, inscrivez, renseigner, renseignez, avec votre, utilisez votre',
    prove:
      'confirm*, vérifi*, valid*, revalid*, mettre à jour, mettez à jour, mise à jour, mettre à niveau, mise à niveau, réactiv*, activ*, restaur*, rétabl*, débloqu*, déverrouill*, récupér*, renouvel*, augment*, libér*, protéger, protégez, authentifi*, régularis*, actualis*, sécuris*, corriger, corrigez, résoudre, annuler la demande, annulez la demande, migrer, synchronis*, identifi*, réinitialis*, renforc*, approuver',
    go: 'cliquez, cliquer, cliquant, clic, appuyez, suivez, suivre, visitez, rendez-vous, ouvrez, ouvrir, accédez, accéder, utilisez le lien, utiliser le lien, téléchargez, veuillez consulter, consultez, consulter, allez, scannez, poursuivre',
    here: 'ici, ci-dessous, lien, liens, ci-après, bouton, page, site, adresse suivante, formulaire, pièce jointe, ci-joint',
    login:
      'connectez-vous, connecter, se connecter, vous connecter, connexion, connectant, identifiez-vous, login, accédez à votre compte, accéder à votre compte, accès à votre compte, ouvrir une session',
    keep: 'garder, gardez, conserver, conservez, continuer à utiliser, pour continuer, continuer, maintenir, éviter, évitez, afin de, ne pas perdre',
    secret:
      "mot de passe, mots de passe, mdp, code pin, pin, code secret, code de vérification, code de sécurité, code d'accès, code confidentiel, code de confirmation, code de validation, code sms, code à 6 chiffres, code à six chiffres, code reçu, code unique, code d'authentification, phrase de récupération, phrase secrète, phrase de sécurité, clé privée, clés privées, identifiants, identifiant et mot de passe, identifiants de connexion, informations de connexion, données de connexion, coordonnées de connexion, cryptogramme, codes d'accès, cvv, otp, clé digitale",
    details:
      'données, informations, information, coordonnées, identité, détails, renseignements, données personnelles, informations personnelles, coordonnées bancaires, carte bancaire, numéro de carte, facturation, mode de paiement, iban, dossier',
    account:
      'compte, comptes, boîte mail, boîte aux lettres, boîte de réception, boite mail, boîte e-mail, messagerie, messagerie électronique, adresse e-mail, adresse mail, courriel, courriels, e-mail, e-mails, email, mail, mails, webmail, espace client, banque en ligne, services bancaires, accès, carte, carte vitale, portefeuille, service, services, domaine, hébergement, nom de domaine, espace personnel, profil, outlook, abonnement',
    you: 'vous, votre, vos, toi, ton, ta, tes, tu, te',
    no: "ne, pas, jamais, aucun, aucune, personne, ni, sans, n'êtes, oublié",
    threat:
      'suspen*, suspend*, bloqu*, ferm*, fermeture, désactiv*, résili*, supprim*, suppression, expir*, limit*, restrein*, restric*, perd*, perte, perdre, interromp*, interruption, clôtur*, verrouill*, annul*, inactif, inactive, rejet*, inaccessible, retenu, mis en attente, pénalité, coup*, compromis',
    deadline:
      "24 heures, 48 heures, 72 heures, 24h, 48h, délai, immédiatement, immédiat, immédiate, urgent, urgence, aujourd'hui, dès que possible, au plus vite, le plus rapidement, dernier avertissement, dernier rappel, dernier avis, maintenant, dans les + heures, sous + heures, jours ouvrables, sans tarder, dans les plus brefs",
    mailbox:
      'quota, espace de stockage, stockage, limite de stockage, est pleine, est plein, presque pleine, presque plein, dépassé, a dépassé, atteint, maintenance, nouvelle version, migration, nouveau serveur, serveur, messages en attente, messages bloqués, messages non distribués, messages non remis, messages entrants, mails en attente, courriels en attente, e-mails en attente, nouveau webmail, désactivation, demande de fermeture, demande de suppression, demande de désactivation, demande de résiliation, ancienne version, obsolète, quarantaine, non livrés',
    alarm:
      "activité suspecte, activité inhabituelle, activité anormale, inhabituel*, suspect*, non autorisé*, frauduleu*, fraude*, appareil inconnu, nouvel appareil, appareil non reconnu, tentative de connexion, tentatives de connexion, tentative d'accès, raison de sécurité, raisons de sécurité, mesure de sécurité, mesures de sécurité, pour votre sécurité, par sécurité, alerte de sécurité, alerte sécurité, avis de sécurité, système de sécurité, dispositif de sécurité, irrégul*, problème avec, problème de facturation, incident, anomalie*, si ce n'est pas vous, si vous n'êtes pas, nous avons détecté, avons constaté, avons remarqué, avons détecté, impayé, prélèvement rejeté, paiement refusé, informations incomplètes, dsp2, nouvelle réglementation, certicode, ne correspond",
    expiry:
      'mot de passe + expir*, mot de passe + arrive, expiration de votre mot de passe, expiration du mot de passe, conserver le même mot de passe, garder le même mot de passe, conserver mon mot de passe, conserver votre mot de passe, garder mon mot de passe, même mot de passe, mot de passe actuel, mot de passe expiré',
    waiting:
      'document*, fichier*, facture*, message vocal, messagerie vocale, fax, télécopie, paiement, virement, remboursement, colis, livraison, devis, fiche de paie, partagé',
    share:
      'partag*, divulg*, révél*, communiqu*, donner, donnez, demand*, demandera, demanderons, demandons, fourn*, transmett*, transmettre, envoy*, répondez',
    ignore:
      "ignorer, ignorez, ne pas tenir compte, ne tenez pas compte, aucune action, aucune démarche, rien à faire, vous n'avez rien à faire, sans suite",
    asked:
      'vous avez demandé, avez demandé, vous avez récemment demandé, avons reçu une demande de réinitialisation, réinitialiser votre mot de passe, réinitialisation de mot de passe, réinitialisation de votre mot de passe, merci de votre inscription, merci pour votre inscription, merci pour votre commande, merci de votre commande, merci pour votre achat, bienvenue, votre commande, votre achat, a été créé, a bien été, a été modifié, a été changé, votre reçu, nous avons bien reçu',
    greeting:
      'cher client, chère cliente, chers clients, cher utilisateur, chère utilisatrice, cher abonné, cher membre, madame monsieur, madame, cher + utilisateur, cher + client, cher titulaire, chers utilisateurs, bonjour cher, cher sociétaire',
    salute: 'cher, chère, bonjour, bonsoir, salut, monsieur, madame',
    office:
      "support, service client, service clients, administrateur, assistance, service technique, équipe, équipe de sécurité, service informatique, département, helpdesk, help desk, service sécurité, administration, webmaster, postmaster, conseiller, l'équipe, centre de messagerie, service de messagerie",
    mailing:
      "se désabonner, désabonner, désinscrire, désinscription, désabonnement, newsletter, lettre d'information, abonné, abonnés, préférences, ne plus recevoir, ne souhaitez plus",
    sale: "gratuit*, réduction*, prix, achetez, offre*, promo*, gagnez, gagné, gagnant, argent, prêt, prêts, crédit, euros, remise*, soldes, cadeau*, loterie, investissement, économis*, bon d'achat",
    narrated: `m'a demandé mon, m'a demandé le, m'a demandé de, me demande mon, demandait mon, a demandé mon, voulait mon, voulait le, voulait connaître mon, veut mon, exigeait mon, a exigé mon, avait besoin de mon`,
    we: 'nous avons, nous vous, nous allons, nous enverrons, notre, nos, je, a été, ont été, avons, est en cours',
  },
};
