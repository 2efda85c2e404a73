import type { Language } from './language.ts';

/** Portuguese, of Portugal and of Brazil. */
export const pt: Language = {
  code: 'pt',
  common:
    'o, a, os, as, de, do, da, dos, das, em, no, na, para, por, com, que, não, uma, um, seu, sua, você, se, é, ou, mais, ao, esta, este, foi, são, pelo, pela',
  words: {
    give: 'envie, enviar, envie-nos, forneça, fornecer, forneca, informe, informar, nos informe, diga, diga-me, dizer, responda com, responda + com, responder com, compartilhe, partilhe, mande, mandar, repasse, indique, indicar, precisamos, preciso, solicitamos, passe, passar, confirme por, leia',
    attest: 'confirm*, verifi*, valid*, revalid*',
    enter:
      'digite, digitar, insira, inserir, introduza, introduzir, preencha, preencher, coloque, escreva, escrever, entre com, informe abaixo, use a sua, com a sua, com sua',
    prove:
      'confirm*, verifi*, valid*, revalid*, atualiz*, actualiz*, reativ*, reactiv*, ativ*, restaur*, desbloque*, recadastr*, cadastr*, regulariz*, recuper*, renov*, aument*, liber*, proteja, proteger, reconfirm*, autentic*, resolv*, corrij*, corrigir, cancele, cancelar a solicitação, cancelar o pedido, migrar, migre, sincroniz*, mantenha a senha, aprov*, evitar',
    go: 'clique, clicar, clicando, toque, acesse, acessar, aceda, aceder, visite, siga, seguir, abra, abrir, use o link, utilize, baixe, baixar, entre em, prossiga, continue, pressione, vá a',
    here: 'aqui, abaixo, link, ligação, botão, página, site, endereço abaixo, formulário, anexo',
    login:
      'login, faça login, faça o login, fazer login, iniciar sessão, inicie sessão, entrar na sua conta, entre na sua conta, acesse sua conta, acessar sua conta, acesse a sua conta, aceda à sua conta, entrar',
    keep: 'manter, mantenha, continuar usando, continuar a usar, continuar utilizando, para continuar, evitar, para evitar, não perder, permanecer',
    secret:
      'senha, senhas, palavra-passe, palavra passe, palavras-passe, pin, código pin, código de verificação, código de segurança, código de acesso, código de confirmação, código de autenticação, código sms, código de 6 dígitos, código de seis dígitos, token, itoken, frase de recuperação, frase-semente, frase secreta, chave privada, credenciais, dados de login, dados de acesso, dados de início de sessão, usuário e senha, utilizador e palavra-passe, login e senha, assinatura eletrônica, contrassenha, otp, cvv',
    details:
      'dados, informações, informação, identidade, detalhes, cadastro, dados pessoais, dados bancários, informações pessoais, cpf, cartão, número do cartão, faturamento, faturação, pagamento',
    account:
      'conta, contas, caixa postal, caixa de correio, caixa de entrada, e-mail, email, correio eletrônico, correio electrónico, webmail, internet banking, homebanking, acesso, cartão, carteira, serviço, domínio, hospedagem, alojamento, perfil, correio, outlook',
    you: 'você, seu, sua, seus, suas, lhe, vosso, vossa, te, teu, tua, v sa',
    no: 'não, nunca, jamais, ninguém, nem, sem, nenhum, nenhuma, esqueceu',
    threat:
      'suspens*, suspend*, bloque*, encerr*, desativ*, desactiv*, cancelad*, cancelamento, exclu*, apagad*, expir*, limitad*, limitação, restri*, perder, perda, perderá, interrup*, interromp*, terminad*, eliminad*, fechad*, inativ*, removid*, multa, deletad*, comprometid*, interrompid*',
    deadline:
      '24 horas, 48 horas, 72 horas, 24h, 48h, em até, prazo, imediatamente, imediato, urgente, urgência, hoje, o mais rápido, quanto antes, último aviso, última notificação, aviso final, agora, dentro de + horas, dias úteis, já',
    mailbox:
      'cota, quota, limite de armazenamento, armazenamento, espaço, caixa cheia, está cheia, quase cheia, excedeu, ultrapass*, limite excedido, manutenção, nova versão, migr*, novo servidor, servidor, mensagens pendentes, mensagens retidas, mensagens não entregues, mensagens recebidas, e-mails pendentes, novo webmail, desativação, pedido de encerramento, solicitação de encerramento, versão antiga, desatualizad*, bloqueadas, quarentena',
    alarm:
      'atividade suspeita, atividade incomum, actividade suspeita, atividade não autorizada, atividades suspeitas, incomum, suspeit*, não autorizad*, fraude*, acesso não reconhecido, novo dispositivo, dispositivo desconhecido, dispositivo não reconhecido, tentativa de acesso, tentativas de acesso, tentativa de login, invasão, por segurança, medida de segurança, medidas de segurança, motivos de segurança, alerta de segurança, aviso de segurança, sistema de segurança, módulo de segurança, irregular*, pendência*, problema com, problema de faturamento, recadastramento, se não foi você, dados incorretos, divergência, compra não, detectamos, detetámos, identificamos, notamos, pontos a expirar, acesso a partir',
    expiry:
      'senha + expir*, palavra-passe + expir*, senha + vence*, manter a senha, manter a mesma senha, manter a senha atual, manter a palavra-passe, mesma senha, mesma palavra-passe, validade da senha, senha irá expirar, expiração da senha, senha expirada',
    waiting:
      'documento*, arquivo*, ficheiro*, fatura*, factura*, boleto*, comprovante*, nota fiscal, encomenda, mensagem de voz, fax, pagamento, transferência, reembolso, restituição, pontos',
    share:
      'compartilh*, partilh*, divulg*, revel*, forneça, forneca, fornecer, informe, informar, solicit*, pedir*, pede, pedimos, pediremos, envie, enviar, diga, passe, peça',
    ignore:
      'ignore, desconsidere, ignorar, pode ignorar, nenhuma ação é necessária, nenhuma ação necessária, não é necessário, não precisa fazer nada',
    asked:
      'você solicitou, solicitou, pediu, recebemos um pedido de redefinição, recebemos uma solicitação de redefinição, redefinir a sua, redefinir sua, redefinição de senha, obrigado por se cadastrar, obrigado por se registrar, obrigado por se registar, obrigado pela sua compra, obrigado pelo seu pedido, bem-vindo, bem-vinda, seu pedido, sua encomenda, sua compra, foi criada, foi criado, foi alterada, seu cadastro',
    greeting:
      'prezado cliente, prezada cliente, caro cliente, estimado cliente, caro usuário, prezado usuário, caro utilizador, estimado utilizador, prezado + usuário, prezado senhor, prezados, caro assinante, prezado correntista, caros, olá cliente',
    salute: 'prezado, prezada, caro, cara, olá, oi, bom dia, boa tarde, boa noite, estimado, estimada',
    office:
      'suporte, suporte técnico, administrador, equipe, equipa, central de atendimento, atendimento, segurança, departamento, helpdesk, help desk, administração, ti, serviço de apoio, apoio ao cliente, postmaster, webmaster, equipe de suporte, gerente, central de segurança',
    mailing:
      'cancelar inscrição, cancelar a inscrição, cancelar a subscrição, descadastr*, newsletter, boletim, assinatura, preferências, não deseja receber, deixar de receber, inscrito, subscrição, lista de',
    sale: 'grátis, desconto*, preço*, compre, oferta*, promoç*, promoc*, prêmio*, ganhe, ganhou, dinheiro, empréstimo*, crédito, lucro, renda, frete, cupom, parcelas, imperdível, sorteio, aproveite',
    narrated:
      'pediu a minha, pediu minha, pediu me a, me pediu, pediu o meu, queria a minha, queria minha, queria o meu, queria saber a minha, quer a minha, exigiu a minha, precisava da minha',
    we: 'nós, nosso, nossa, foi, foram, fomos, está sendo, eu',
  },
};
