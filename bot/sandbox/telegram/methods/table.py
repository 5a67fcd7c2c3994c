"""Every method the emulator answers, by its lower-case name; anything else is a 404."""
from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bot.sandbox.telegram.methods import chats, edits, media, menu, messages, updates
from bot.sandbox.telegram.params import Params
from bot.sandbox.telegram.world import World

Method = Callable[[World, Params], Any]
GET_UPDATES = "getupdates"
DESCRIBED = ("setwebhook", "deletewebhook")
METHODS: Mapping[str, Method] = {
    name.lower(): method for name, method in (
        ("setWebhook", updates.set_webhook), ("deleteWebhook", updates.delete_webhook),
        ("getWebhookInfo", updates.get_webhook_info),
        ("getMe", menu.get_me), ("logOut", menu.log_out), ("close", menu.close),
        ("setMyCommands", menu.set_my_commands), ("getMyCommands", menu.get_my_commands),
        ("deleteMyCommands", menu.delete_my_commands),
        ("setChatMenuButton", menu.set_chat_menu_button), ("getChatMenuButton", menu.get_chat_menu_button),
        ("setMyName", menu.set_my_name), ("getMyName", menu.get_my_name),
        ("setMyDescription", menu.set_my_description), ("getMyDescription", menu.get_my_description),
        ("setMyShortDescription", menu.set_my_short_description),
        ("getMyShortDescription", menu.get_my_short_description),
        ("sendMessage", messages.send_message), ("sendMessageDraft", messages.send_message_draft),
        ("copyMessage", messages.copy_message), ("forwardMessage", messages.forward_message),
        ("deleteMessage", messages.delete_message), ("deleteMessages", messages.delete_messages),
        ("sendChatAction", messages.send_chat_action), ("answerCallbackQuery", messages.answer_callback_query),
        ("editMessageText", edits.edit_message_text), ("editMessageCaption", edits.edit_message_caption),
        ("editMessageMedia", edits.edit_message_media), ("editMessageReplyMarkup", edits.edit_message_reply_markup),
        ("sendPhoto", media.send_photo), ("sendDocument", media.send_document),
        ("sendMediaGroup", media.send_media_group), ("getFile", media.get_file),
        ("getChat", chats.get_chat), ("getChatMember", chats.get_chat_member),
        ("getChatAdministrators", chats.get_chat_administrators),
        ("getChatMemberCount", chats.get_chat_member_count), ("leaveChat", chats.leave_chat),
        ("pinChatMessage", chats.pin_chat_message), ("unpinChatMessage", chats.unpin_chat_message),
        ("unpinAllChatMessages", chats.unpin_all_chat_messages),
        ("setMessageReaction", chats.set_message_reaction), ("createForumTopic", chats.create_forum_topic),
    )
}
