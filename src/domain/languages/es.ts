import type { Language } from './language.ts';

export const es: Language = {
  code: 'es',
  common:
    'el, la, los, las, de, del, en, para, por, con, que, no, una, un, su, sus, usted, se, es, o, más, al, esta, este, ha, y, le, como, lo',
  words: {
    give: 'envíe, enviar, envíenos, proporcione, proporcionar, facilite, facilitar, facilítenos, indique, indicar, indíquenos, diga, dígame, dime, responda con, responda + con, responder con, comparta, mándenos, mande, suministre, necesitamos, necesito, solicitamos, deme, dame, dicte, pásame, remita, confírmeme, lea',
    attest: 'confirm*, verifi*, valid*, revalid*',
    enter:
      'introduzca, introducir, ingrese, ingresar, escriba, escribir, teclee, rellene, rellenar, complete, completar, llene, digite, inserte, use su, con su',
    prove:
      'confirm*, verifi*, valid*, revalid*, actualiz*, reactiv*, activ*, restaur*, desbloque*, recuper*, renov*, aument*, libera*, libere, proteja, proteger, reconfirm*, autentic*, regulariz*, resuelv*, resolver, corrija, corregir, cancele la solicitud, cancelar la solicitud, cancelar solicitud, migrar, migre, sincroniz*, restablez*, apruebe, acepte',
    go: 'haga clic, hacer clic, haz clic, haciendo clic, clic, click, pulse, pulsar, pinche, acceda, acceder, accede, visite, siga, abra, abrir, use el enlace, utilice, descargue, entre en, ingrese a, diríjase, presione, toque',
    here: 'aquí, abajo, a continuación, enlace, enlaces, botón, página, sitio, dirección web, formulario, adjunto, link, liga',
    login:
      'inicie sesión, iniciar sesión, inicia sesión, acceda a su cuenta, acceder a su cuenta, entre en su cuenta, ingrese a su cuenta, entrar, login, conéctese, identifíquese',
    keep: 'mantener, mantenga, conservar, seguir usando, seguir utilizando, continuar usando, para continuar, para seguir, evitar, evite, no perder',
    secret:
      'contraseña, contraseñas, contrasena, clave, claves, clave de acceso, pin, código pin, código de verificación, código de seguridad, código de acceso, código de confirmación, código sms, código de 6 dígitos, código de seis dígitos, código de un solo uso, frase de recuperación, frase semilla, frase secreta, clave privada, credenciales, datos de acceso, datos de inicio de sesión, usuario y contraseña, usuario y clave, token, firma electrónica, coordenadas, otp, cvv, tarjeta de coordenadas',
    details:
      'datos, información, informaciones, identidad, detalles, datos personales, datos bancarios, información personal, número de tarjeta, tarjeta, facturación, dni, método de pago',
    account:
      'cuenta, cuentas, buzón, buzón de correo, bandeja de entrada, correo, correo electrónico, correos, email, e-mail, webmail, banca en línea, banca online, banca electrónica, banca por internet, acceso, tarjeta, cartera, monedero, billetera, servicio, servicios, dominio, alojamiento, perfil, outlook',
    you: 'usted, ud, su, sus, le, tu, tus, te, vuestra, vuestro',
    no: 'no, nunca, jamás, nadie, ni, sin, ningún, ninguna, tampoco, olvidó, olvidado',
    threat:
      'suspen*, suspend*, bloque*, cerrad*, cierre, cerrar*, desactiv*, cancelad*, cancelación, elimin*, borrad*, caduc*, expir*, limitad*, limitación, restring*, restric*, perder, pérdida, perderá, interrump*, interrupción, inhabilit*, deshabilit*, inactiv*, dada de baja, rechazad*, multa, comprometid*, retenid*',
    deadline:
      '24 horas, 48 horas, 72 horas, 24h, 48h, plazo, inmediatamente, inmediato, inmediata, de inmediato, urgente, hoy, lo antes posible, cuanto antes, último aviso, aviso final, última advertencia, ahora, dentro de + horas, días hábiles, ya',
    mailbox:
      'cuota, límite de almacenamiento, almacenamiento, espacio, buzón lleno, está lleno, casi lleno, excedido, ha excedido, superado, ha superado, ha alcanzado, mantenimiento, nueva versión, migra*, nuevo servidor, servidor, mensajes pendientes, mensajes retenidos, mensajes no entregados, mensajes entrantes, correos pendientes, correos entrantes, nuevo webmail, desactivación, solicitud de cierre, solicitud de baja, versión antigua, desactualizad*, cuarentena',
    alarm:
      'actividad sospechosa, actividad inusual, actividad no autorizada, inusual*, sospechos*, no autorizad*, fraude*, fraudulent*, acceso no reconocido, nuevo dispositivo, dispositivo desconocido, dispositivo no reconocido, intento de acceso, intentos de acceso, intento de inicio, por seguridad, por su seguridad, medida de seguridad, medidas de seguridad, motivos de seguridad, razones de seguridad, alerta de seguridad, aviso de seguridad, sistema de seguridad, irregular*, problema con, problema de su cuenta, problema de facturación, si no ha sido usted, si no fue usted, datos incorrectos, hemos detectado, detectamos, hemos observado, hemos notado, nuevo acceso, cargo no',
    expiry:
      'contraseña + caduc*, contraseña + expir*, contraseña + vence*, clave + caduc*, clave + vence*, mantener la contraseña, mantener la misma contraseña, mantener mi contraseña, conservar la contraseña, misma contraseña, contraseña actual, vencimiento de la contraseña, caducidad de la contraseña, contraseña ha caducado',
    waiting:
      'documento*, archivo*, fichero*, factura*, paquete, envío, mensaje de voz, fax, pago, transferencia, reembolso, devolución, presupuesto, nómina',
    share:
      'compart*, divulg*, revel*, facilit*, proporcion*, solicit*, pedir*, pide, pedimos, pediremos, envíe, enviar, diga, dé, entregue',
    ignore:
      'ignore, ignorar, haga caso omiso, puede ignorar, no es necesario, no hace falta, no tiene que hacer nada, no se requiere ninguna acción, ninguna acción',
    asked:
      'ha solicitado, has solicitado, solicitó, ha pedido, hemos recibido una solicitud para restablecer, restablecer su contraseña, restablecer tu contraseña, restablecimiento de contraseña, gracias por registrarse, gracias por registrarte, gracias por su compra, gracias por tu compra, gracias por su pedido, bienvenido, bienvenida, su pedido, tu pedido, ha sido creada, se ha creado, ha sido cambiada, se ha cambiado, su compra',
    greeting:
      'estimado cliente, estimada cliente, apreciado cliente, querido cliente, estimado usuario, querido usuario, estimado + usuario, estimado + cliente, estimado señor, estimados, apreciado usuario, hola usuario, titular de la cuenta, usuario de correo',
    salute: 'estimado, estimada, hola, querido, querida, buenos días, buenas tardes, apreciado, apreciada',
    office:
      'soporte, soporte técnico, administrador, equipo, atención al cliente, servicio al cliente, seguridad, departamento, helpdesk, help desk, mesa de ayuda, administración, centro de seguridad, servicio técnico, webmaster, postmaster, equipo de correo',
    mailing:
      'darse de baja, darte de baja, cancelar suscripción, cancelar la suscripción, boletín, newsletter, suscripción, suscrito, preferencias, no desea recibir, dejar de recibir, no deseas recibir',
    sale: 'gratis, descuento*, precio*, compre, oferta*, promoci*, premio*, gane, ganó, ganador, dinero, préstamo*, crédito, ahorr*, cupón, rebajas, sorteo, aproveche, inversión, lotería',
    narrated:
      'me pidió mi, me pidió la, me ha pedido, me pide mi, pidió mi, pedía mi, quería mi, quería la, quería saber mi, quiere mi, exigió mi, necesitaba mi',
    we: 'nosotros, nuestro, nuestra, hemos, ha sido, han sido, fue, está siendo, yo',
  },
};
