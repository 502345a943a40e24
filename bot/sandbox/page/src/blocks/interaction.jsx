// What a block's elements can do where they stand: in a message, a modal or Home.
import { createContext, useContext } from "react";

const InteractionContext = createContext(null);

/**
 * `act(element, block, value, began)` tells the app that somebody used an element, after asking where
 * that is wanted; it calls `began` when it tells and resolves when the app has answered. `fill(block, value)`, `state` and `errors` are a view's.
 */
export const InteractionProvider = InteractionContext.Provider;
export const useInteraction = () => useContext(InteractionContext);

/** What an element says before it is touched: from the view's state, else its own initial value. */
export function initialValue(element, block, state) {
  const kept = state?.[block.block_id]?.[element.action_id];
  const said = (name, initial) => (kept && name in kept ? kept[name] : element[initial]);
  switch (element.type) {
    case "static_select":
    case "external_select":
    case "radio_buttons":
      return said("selected_option", "initial_option")?.value ?? "";
    case "multi_static_select":
    case "checkboxes":
      return (said("selected_options", "initial_options") ?? []).map((option) => option.value);
    case "users_select":
      return said("selected_user", "initial_user") ?? "";
    case "conversations_select":
      return said("selected_conversation", "initial_conversation") ?? "";
    case "channels_select":
      return said("selected_channel", "initial_channel") ?? "";
    case "datepicker":
      return said("selected_date", "initial_date") ?? "";
    case "timepicker":
      return said("selected_time", "initial_time") ?? "";
    default:
      return said("value", "initial_value") ?? "";
  }
}

/** The DOM id of an element's field, for its label and its error. */
export const fieldId = (block, element) => `field-${block.block_id}-${element.action_id}`;
