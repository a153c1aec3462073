"""Why a picture, or an upload, is refused."""

from noirel.core.domain.errors import Conflict, PermissionDenied, ShopError, Unavailable


class PictureRefused(ShopError):
    """This is not a picture that we take."""

    code, status, title = "picture_refused", 422, "The picture was refused"
    default_detail = "This file can't be used as a picture."


class PictureTooLarge(PictureRefused):
    """The file is larger than we take."""

    code, status = "picture_too_large", 413
    default_detail = "The file is too large."


class PictureTypeRefused(PictureRefused):
    """It has to be a JPEG, PNG, WebP, AVIF or GIF; what is inside counts, not its name."""

    code, status = "picture_type_refused", 415
    default_detail = "The file is not a JPEG, PNG, WebP, AVIF or GIF picture, whatever its name says."


class PictureHasTooManyPixels(PictureRefused):
    """It has more pixels than we unpack."""

    code = "picture_too_many_pixels"
    default_detail = "The picture has too many pixels."


class PictureMoves(PictureRefused):
    """Only still pictures are taken; this one has several frames."""

    code = "picture_moves"
    default_detail = "The picture is animated. Upload a still picture."


class PictureIsMore(PictureRefused):
    """The file is a picture and something else as well: a page, a script or an archive is hidden in it."""

    code = "picture_is_more"
    default_detail = "The file contains something besides the picture, such as a page, a script or an archive."


class PictureUnreadable(PictureRefused):
    """The picture is damaged or incomplete: it can't be read to its end."""

    code = "picture_unreadable"
    default_detail = "The picture is damaged or incomplete."


class TicketRefused(PermissionDenied):
    """This ticket is not, or no longer, good for this upload. Ask for a new one."""

    code, title = "ticket_refused", "The upload is not allowed"
    default_detail = "This upload ticket is invalid or has expired. Ask for a new one."


class UploadNotSent(Conflict):
    """The file hasn't arrived. Send it first, then confirm."""

    code, title = "upload_not_sent", "Nothing was sent"
    default_detail = "The file hasn't arrived. Upload it before you confirm it."


class UploadHasAnotherSize(ShopError):
    """The file doesn't have the size that was asked for."""

    code, status, title = "upload_size_differs", 400, "The file has another size"
    default_detail = "The file doesn't have the announced size."


class AssetInUse(Conflict):
    """The picture is shown somewhere. Take it away there first."""

    code, title = "media_in_use", "The picture is in use"
    default_detail = "This picture is in use. Remove it from the pages that show it first."


class StoreUnavailable(Unavailable):
    """The store of pictures doesn't answer right now. Try again in a moment."""

    code, title = "media_unavailable", "The store can't be reached"
    default_detail = "The picture store isn't responding. Try again in a moment."
