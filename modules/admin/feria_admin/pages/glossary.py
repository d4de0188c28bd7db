"""Names of members and states as people read them, where their words alone would not do."""

from __future__ import annotations

# By locale. Names that no module titles; what is missing here is shown as its own words.
_SPANISH = """
canonical Dirección canónica
lines Líneas|unit_price Precio|valid_hours Horas de validez|send_link Enviar el enlace|line1 Línea 1|line2 Línea 2
pay_link Enlace de pago|city Ciudad|region Región|postal_code Código postal|country País|phone Teléfono
action Acción|active Activo|actor Quién|against Comparado con|allowed_values Valores permitidos
alt Descripción de la imagen|amount Importe|archived Archivado|at Momento|attributes Atributos|author Autor
barcode Código de barras|bio Biografía|body Texto|brand Marca|brands Marcas|buy Compra|cap Tope
cap_per_customer Tope por cliente|capacity Aforo|carrier Transportista|categories Categorías|category Categoría
change Cambio|code Código|codes Códigos|collections Colecciones|company Empresa|compare_at_price Precio anterior
conditions Condiciones|count Cuántos|countries Países|cover Portada|currency Moneda|custom_fields Campos propios
customer Cliente|customer_group Grupo de clientes|customer_groups Grupos de clientes|customer_id Cliente
damaged Dañados|days Días|description Descripción|dry_run Solo comprobar|email Correo|ends_at Termina
event_status Se celebra|events Eventos|excerpt Resumen|exclude_brands Sin las marcas
exclude_categories Sin las categorías|exclude_collections Sin las colecciones|exclude_products Sin los productos
exclude_variants Sin las variantes|exdates Días exceptuados|expires_at Caduca|filterable Sirve de filtro
first_order Primer pedido|focal_point Punto central|format Formato|free_over Gratis desde|from Desde
fulfilment_status Entrega|get Llévese|gets De qué|gift Regalo|group Grupo|ids Identificadores
image_alt Descripción de la imagen|image_url Dirección de la imagen|in_stock Con existencias
include_shipping Incluir el envío|is_active Activo|is_included Incluido en el precio
is_on_shipping También sobre el envío|is_online En línea|item_id Artículo|items Artículos|kind Tipo|label Nombre
lane Carril|level Nivel|list Boletín|lists Boletines|locale Idioma|location Lugar|max_days Días como mucho
max_discount Descuento máximo|media Imágenes|message Mensaje|methods Formas de envío|min_days Días como poco
min_quantity Cantidad mínima|minimum_quantity Cantidad mínima|minimum_total Importe mínimo|most Máximo|name Nombre
names Nombres por idioma|note Nota|notify Avisar por correo|nth_order Número de pedido|object Objeto|object_id Cuál
object_type A qué|on_sale En oferta|options Opciones|parent Dentro de|payment_status Pago|percent Porcentaje
permissions Permisos|personal_data Con datos personales|picture_url Dirección de la imagen|position Posición
postcodes Códigos postales|prefix Comienzo|price Precio|price_max Precio máximo|price_min Precio mínimo
prices Precios|priority Prioridad|product Producto|product_type Tipo de producto|products Productos
promotion Promoción|public Público|publish_at Visible desde|q Buscar|quantity Cantidad|queue Cola|quote Cita
ranges Intervalos|rates Tipos|rating Estrellas|rating_min Estrellas como poco|reason Motivo|refund Reembolso
regions Regiones|replied Con respuesta|reported Con avisos|required Obligatorio|requires_otp Exige segundo factor
resellable Vendibles|restock Devolver a existencias|revoked Revocadas|role Rol|roles Roles|rounding Redondeo
rrule Repetición|rule Regla|send_at Enviar el|seo Buscadores|shipping Envío|sku SKU|sku_prefix Comienzo del SKU
slug Dirección|sort Orden|stacking Combinación|staff_note Nota interna|starts_at Comienza|state Estado|status Estado
stock Existencias|subject Asunto|summary Resumen|synonyms Sinónimos|tag Etiqueta|tags Etiquetas
tax_class Clase de impuesto|term Palabra|text Texto|tiers Tramos|time_zone Zona horaria|times Veces|title Título
to Hasta|tracking_number Número de seguimiento|tracking_url Dirección de seguimiento|translations Traducciones
two_way En ambos sentidos|type Tipo|unit Unidad|unpublish_at Visible hasta|up_to Hasta|url Dirección web
usage_limit Usos en total|usage_limit_per_customer Usos por cliente|user_id Cuenta|value Valor|variant_id Variante
variants Variantes|verified Compra verificada|version Versión|weight_g Peso en gramos|without_hits Sin resultados
interval Intervalo|tz Zona horaria|file Archivo|answered Respondido|api_key Clave de API|approved Aprobado
authorized Autorizado|best La mejor|bool Sí o no|bounce Rebote|buy_x_get_y Compre y llévese|buyer Comprador
cancellation Cancelación|cancelled Cancelado|cart Carrito|closed Cerrado|complaint Queja|completed Completado
confirmed Confirmado|contributions Contribuciones|created_at Creado|date Fecha|dead Muerta|decimal Decimal
delivered Entregado|disabled Desactivado|done Hecho|draft Borrador|enum Lista|exchange Cambio|exclusive Exclusiva
failed Fallido|fixed Importe fijo|flagged Señalado|flat Tarifa única|free_shipping Envío gratis|fulfilled Enviado
helpful Útiles|home Inicio|int Entero|kept Conservado|line Línea|module Módulo|multi Varios|new Nuevo
newest Lo más nuevo|oldest Lo más antiguo|open Abierto|order Pedido|paid Pagado|partial En parte
partially_refunded Reembolsado en parte|pending Pendiente|pickup Recogida|postponed Aplazado|projects Proyectos
provider Proveedor|pruned Retirado|published Publicado|queued En cola|received Recibido|refunded Reembolsado
rejected Rechazado|request Solicitud|requested Solicitado|return Devolución|returned Devuelto|running En curso
scheduled Programado|sending Enviando|sent Enviado|shipped Enviado|shop Tienda|spam Spam|stack Se suma
staff Personal|stopped Detenido|succeeded Logrado|system Sistema|total Total|unfulfilled Sin enviar
unsubscribed De baja|variant Variante|waiting Esperando|weight Peso|hour Hora|day Día|week Semana|month Mes
on Encendido|off Apagado|access_token Pase de acceso|answer Respuesta|available Disponible|city Ciudad|country País
cause Causa|clicks Clics|created Creado|discount Descuento|discount_total Descuento|error Error|errors Errores
expires_in Segundos de validez|failure Fallo|grand_total Total|hits Resultados|id Identificador|image Imagen
key Clave|line1 Línea 1|line2 Línea 2|number Número|on_hand En almacén|orders Pedidos|people Personas|phone Teléfono
place Lugar|postal_code Código postal|progress Progreso|region Región|revenue Ingresos|searches Búsquedas
secret Secreto|seconds Segundos|sold Vendidos|subtotal Subtotal|tax Impuesto|token Pase|used Usos
updated_at Modificado|units Unidades|product_id Producto|refunds Reembolsos|conversion Conversión|customers Clientes
views Visitas|share Proporción|applied Aplicada|missing Falta|promotions Promociones
shipping_discount Descuento del envío|sentences Explicación|is_draft Borrador|otpauth_uri Dirección|batch Lote
retried Reintentadas|low_stock Pocas existencias|mail Correo|order_confirmation Confirmación del pedido
boolean Sí o no|-rating Mejores primero|-created_at Recientes primero|en Inglés|es Español
return_update Aviso de devolución|return_status Aviso de que está|rate Tipo
"""
_ENGLISH = """
seo Search engines|slug Web address|alt Description of the picture|rrule Repeats|exdates Days left out|q Search
sku SKU|otp Second factor|requires_otp Needs the second factor|api_key API key|url Web address|tz Time zone
notify Tell by e-mail|cap Pieces in all|cap_per_customer Pieces for each customer|usage_limit Uses in all
weight_g Weight in grams|stock In stock|usage_limit_per_customer Uses for each customer
compare_at_price Price before|int Whole number|bool Yes or no|enum One of a list|multi Several of a list
dry_run Only check it|resellable Can be sold again|otpauth_uri For the app|restock Put back into stock
include_shipping With the shipping|is_included Included in prices
is_on_shipping On shipping too|html HTML|json JSON|csv CSV|jsonl JSON Lines|names Names by language
object Belongs to|sku_prefix SKUs begin with|variant_id Variant|item_id Item|customer_id Customer|user_id Account
product_id Product|aov Average order|locale Language|line1 Line 1|line2 Line 2
boolean Yes or no|-rating Best first|-created_at Latest first|en English|es Spanish
valid_hours Hours it is valid|send_link Send the link
"""


def _entries(text: str) -> dict[str, str]:
    pairs = (entry.strip().partition(" ") for line in text.strip().split("\n") for entry in line.split("|"))
    return {name: words for name, _, words in pairs}


GLOSSARY: dict[str, dict[str, str]] = {"en": _entries(_ENGLISH), "es": _entries(_SPANISH)}
